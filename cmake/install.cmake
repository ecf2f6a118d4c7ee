# What `cmake --install` puts in place, and the Debian package made of it: `cpack -G DEB`.
include(GNUInstallDirs)

install(TARGETS forge-analyze forge-lsp RUNTIME)
install(FILES README.md LICENSE CHANGELOG.md TYPE DOC)
install(DIRECTORY docs/ TYPE DOC)
install(DIRECTORY schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/forge-analyze)

# The program writes its own manual and completion, from the table of its commands.
set(generated ${PROJECT_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${generated})
function(forge_install_generated file destination)
  install(CODE "execute_process(COMMAND $<TARGET_FILE:forge-analyze> ${ARGN} -o ${generated}/${file}
                                COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${generated}/${file} DESTINATION ${destination})
endfunction()
forge_install_generated(forge-analyze.1 ${CMAKE_INSTALL_MANDIR}/man1 man)
forge_install_generated(forge-analyze ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completion bash)
forge_install_generated(_forge-analyze ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions completion zsh)
forge_install_generated(forge-analyze.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d completion fish)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME forge-analyze)
set(CPACK_PACKAGE_VENDOR "c5c3")
set(CPACK_PACKAGE_CONTACT "forge-analyze maintainers <maintainers@forge-analyze.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "analysis of forges of OpenStack container images, before the build")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded by name when the network is asked for, which dpkg-shlibdeps does not see; mirrors are fetched by git.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, git")
include(CPack)
