#include "engine/formats/inflate.hpp"

#include <algorithm>
#include <limits>

#include <zlib.h>

namespace forge::formats {

namespace {

/// A zlib stream that is freed with it.
class Stream {
 public:
  explicit Stream(std::string_view bytes, Deflated kind) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    ready_ = inflateInit2(&stream_, kind == Deflated::gzip ? 15 + 16 : -15) == Z_OK;
  }
  ~Stream() {
    if (ready_) inflateEnd(&stream_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::optional<std::string> inflate(std::string_view bytes, Deflated kind, std::size_t most) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  Stream stream(bytes, kind);
  if (!stream.ready()) return std::nullopt;
  std::string out;
  while (true) {
    const std::size_t have = out.size();
    // One byte more than allowed tells "too large" from "just fits".
    const std::size_t room = std::min<std::size_t>(std::max<std::size_t>(have, 16'384), most + 1 - have);
    out.resize(have + room);
    stream->next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream->avail_out = static_cast<uInt>(room);
    const int status = ::inflate(stream.get(), Z_NO_FLUSH);
    out.resize(have + room - stream->avail_out);
    if (out.size() > most) return std::nullopt;
    if (status == Z_STREAM_END) {
      const bool another = kind == Deflated::gzip && stream->avail_in > 2 && stream->next_in[0] == 0x1f;
      if (!another) return out;
      if (inflateReset(stream.get()) != Z_OK) return std::nullopt;
      continue;
    }
    const bool stuck = out.size() == have && stream->avail_in == 0;
    if (status != Z_OK || stuck) return std::nullopt;
  }
}

}  // namespace forge::formats
