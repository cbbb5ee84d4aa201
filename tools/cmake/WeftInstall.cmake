# Installs the library, its headers and the program; find_package(weft) then gives weft::weft, and
# pkg-config knows the package weft.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(rooms autograd nn optim)
if(NOT WEFT_CORE_ONLY)
  list(APPEND rooms data models)
  install(TARGETS weft)
endif()

# Headers keep their folders, so that #include "autograd/tensor.hpp" reads the same everywhere.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/weft)
install(DIRECTORY ${rooms} DESTINATION ${headers} FILES_MATCHING PATTERN *.hpp
        PATTERN math.inc)  # part of math.hpp
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

# pkg-config finds the folders from where weft.pc lies, so that `cmake --install --prefix` works.
set(weft_requires fmt)
if(NOT WEFT_CORE_ONLY)
  string(APPEND weft_requires ", nlohmann_json, libutf8proc, sentencepiece, libxxhash")
endif()
string(JOIN " " weft_blas ${BLAS_LIBRARIES} ${BLAS_LINKER_FLAGS})
set(pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH weft_prefix_from_pc /${pkgconfig} /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/weft.pc.in ${PROJECT_BINARY_DIR}/weft.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/weft.pc DESTINATION ${pkgconfig})
