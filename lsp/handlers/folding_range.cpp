/// textDocument/foldingRange.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/ide/folding.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

void announce_folding_range(Json& capabilities, const Client&) {
  capabilities["foldingRangeProvider"] = true;
}

Json folding_range(const SnapshotContext& context, const Json&) {
  if (!context.file()) return nullptr;
  const Json& limit = protocol::lookup(context.client->capabilities, {"textDocument", "foldingRange", "rangeLimit"});
  constexpr std::uint64_t most = 5000;
  const std::uint64_t allowed = limit.is_number_unsigned() ? std::min(limit.get<std::uint64_t>(), most) : most;
  Json list = Json::array();
  for (const ide::Fold& fold : ide::folds(*context.state->snapshot(), context.path)) {
    if (list.size() == allowed) break;
    list.push_back({{"startLine", fold.first}, {"endLine", fold.last}, {"kind", fold.comment ? "comment" : "region"}});
  }
  return list;
}

}  // namespace forge::lsp
