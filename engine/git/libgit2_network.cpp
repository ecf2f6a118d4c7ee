/// libgit2 as a static library brings its network transports along: TLS, ssh and Kerberos, a dozen libraries to load,
/// and a bundle of certificates parsed whenever libgit2 is set up. We read local repositories only (git itself
/// fetches), so these stand in for them, and the linker leaves the real ones in the archive. Of no use, and not
/// compiled, where libgit2 is linked as a shared library.
#ifdef FORGE_STATIC_LIBGIT2

extern "C" {

int git_mbedtls_stream_global_init(void);
int git_mbedtls__set_cert_location(const char* file, const char* path);
int git_mbedtls_stream_new(void** out, const char* host, const char* port);
int git_mbedtls_stream_wrap(void** out, void* in, const char* host);
int git_transport_ssh_global_init(void);
int git_smart_subtransport_ssh(void** out, void* owner, void* parameter);
int git_transport_ssh_with_paths(void** out, void* owner, void* payload);
int git_http_auth_negotiate(void** out, const void* url);

int git_mbedtls_stream_global_init(void) {
  return 0;
}
int git_mbedtls__set_cert_location(const char* /*file*/, const char* /*path*/) {
  return -1;
}
int git_mbedtls_stream_new(void** /*out*/, const char* /*host*/, const char* /*port*/) {
  return -1;
}
int git_mbedtls_stream_wrap(void** /*out*/, void* /*in*/, const char* /*host*/) {
  return -1;
}
int git_transport_ssh_global_init(void) {
  return 0;
}
int git_smart_subtransport_ssh(void** /*out*/, void* /*owner*/, void* /*parameter*/) {
  return -1;
}
int git_transport_ssh_with_paths(void** /*out*/, void* /*owner*/, void* /*payload*/) {
  return -1;
}
int git_http_auth_negotiate(void** /*out*/, const void* /*url*/) {
  return -1;
}
}

#endif
