# What `cmake --install` puts in place: the public headers, the libraries of the layers base to engine,
# and what find_package(utables) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(installed utables_base utables_packet utables_host utables_conntrack utables_rules utables_engine)
install(TARGETS ${installed} EXPORT utablesTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/utables DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/utables)
install(EXPORT utablesTargets NAMESPACE utables:: DESTINATION ${package_folder} COMPONENT library)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/utablesConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/utablesConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/utablesConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/utablesConfig.cmake ${CMAKE_BINARY_DIR}/utablesConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT library)
