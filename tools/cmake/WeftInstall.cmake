# Installs the library, its headers and the program; find_package(weft) then gives weft::weft.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(rooms autograd nn optim)
if(NOT WEFT_CORE_ONLY)
  list(APPEND rooms data models)
  install(TARGETS weft)
endif()

# Headers keep their folders, so that #include "autograd/tensor.hpp" reads the same everywhere.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/weft)
install(DIRECTORY ${rooms} DESTINATION ${headers} FILES_MATCHING PATTERN *.hpp)
target_compile_features(weft_library PUBLIC cxx_std_20)
target_include_directories(weft_library PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                               $<INSTALL_INTERFACE:${headers}>)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/weft)
install(TARGETS weft_library EXPORT weftTargets)
install(EXPORT weftTargets NAMESPACE weft:: DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/weftConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/weftConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/weftConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weftConfig.cmake ${PROJECT_BINARY_DIR}/weftConfigVersion.cmake
        DESTINATION ${package})
