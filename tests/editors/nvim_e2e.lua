-- A mistake typed in Neovim: seen, hovered over, mended by the server's own fix, and the server gone at the end.
-- Environment: FORGE_LS, the server's command line; FORGE_FILE, a refs file of a copied forge with a good ref.
local function until_(what, happened)
  assert(vim.wait(20000, happened, 10), 'timed out: ' .. what)
end

-- From 0.11 on as docs/editors.md has it, before that as 0.7 could: one pulls diagnostics, the other gets them pushed.
local client_id
if vim.lsp.config then
  vim.lsp.config('forge', {
    cmd = { vim.env.FORGE_LS, '--stdio' },
    filetypes = { 'yaml', 'diff', 'text', 'dockerfile', 'requirements' },
    root_markers = { 'releases' },
  })
  vim.lsp.enable('forge')
else
  client_id = vim.lsp.start_client {
    name = 'forge',
    cmd = { vim.env.FORGE_LS, '--stdio' },
    root_dir = vim.fn.getcwd(),
  }
end
vim.cmd('edit ' .. vim.env.FORGE_FILE)
local buffer = vim.api.nvim_get_current_buf()
if not client_id then
  vim.bo.filetype = 'yaml'
  until_('the client', function() return vim.lsp.get_clients({ bufnr = buffer })[1] end)
  client_id = vim.lsp.get_clients({ bufnr = buffer })[1].id
end
local client = vim.lsp.get_client_by_id(client_id)
until_('initialize', function() return client.initialized end)
if not vim.lsp.config then vim.lsp.buf_attach_client(buffer, client_id) end

local function found(code)
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    if diagnostic.user_data.lsp.code == code then return diagnostic end
  end
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  assert(answers and answers[client_id], 'no answer to ' .. method)
  assert(not answers[client_id].error, vim.inspect(answers[client_id].error))
  return answers[client_id].result
end

local document = { uri = vim.uri_from_bufnr(buffer) }

-- Behind an emoji the columns of Neovim (bytes), of the protocol (UTF-16) and of people differ.
vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { '# 😀' })
vim.api.nvim_buf_set_lines(buffer, 1, 2, false, { 'keystone: 28.10 # 漢 😀' })
until_('the mistake', function() return found('ref-not-string') end)
local mistake = found('ref-not-string')
assert(mistake.lnum == 1 and mistake.col == 10 and mistake.end_col == 15, vim.inspect(mistake))

local hover = ask('textDocument/hover', { textDocument = document, position = { line = 1, character = 12 } })
assert(hover.contents.value:find('28.10', 1, true), vim.inspect(hover))

local place = { line = 1, character = 12 }
local actions = ask('textDocument/codeAction', {
  textDocument = document,
  range = { start = place, ['end'] = place },
  context = { diagnostics = {} },
})
assert(#actions > 0, 'no fix is offered')
vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
assert(vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1] == 'keystone: "28.10" # 漢 😀')
until_('the mistake to go', function() return not found('ref-not-string') end)

-- What another program writes is seen: 0.7 watches no files, so the server has to.
vim.api.nvim_buf_set_lines(buffer, 1, 2, false, { 'keystone: "28.10"' })
vim.fn.mkdir('overrides/2025.2', 'p')
vim.fn.writefile({ 'x>=1' }, 'overrides/2025.2/constraints.txt')
if not vim.lsp.config then
  local other = vim.fn.bufadd('overrides/2025.2/constraints.txt')
  until_('news of the disk', function()
    return #vim.diagnostic.get(other) > 0
  end)
end

-- The outline, where a component leads, and an item that is put in behind characters of every width.
local symbols = ask('textDocument/documentSymbol', { textDocument = document })
assert(symbols[1].name == 'keystone' and symbols[1].detail == '28.10', vim.inspect(symbols[1]))
local definition = ask('textDocument/definition', { textDocument = document, position = { line = 1, character = 2 } })
local target = definition[1].targetUri or definition[1].uri
assert(target:find('images/keystone/Dockerfile', 1, true), vim.inspect(definition))
local typed = 'keystone: "28.10" # 漢 😀 # forge: ignore[ref-is-b'
vim.api.nvim_buf_set_lines(buffer, 1, 2, false, { typed })
local list = ask('textDocument/completion', {
  textDocument = document,
  position = { line = 1, character = select(2, vim.str_utfindex(typed)) }, -- of UTF-16
})
assert(list.items[1].label == 'ref-is-branch', vim.inspect(list.items[1]))
vim.lsp.util.apply_text_edits({ list.items[1].textEdit }, buffer, client.offset_encoding)
local done = vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1]
assert(done == 'keystone: "28.10" # 漢 😀 # forge: ignore[ref-is-branch', done)

vim.lsp.stop_client(client_id)
until_('the end of the server', function() return vim.lsp.get_client_by_id(client_id) == nil end)
vim.cmd('qa!')
