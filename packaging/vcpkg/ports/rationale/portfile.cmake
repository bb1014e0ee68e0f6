# An overlay port of the sources it lies in: vcpkg install rationale --overlay-ports=packaging/vcpkg/ports
set(VCPKG_BUILD_TYPE release) # header-only

cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../..")
vcpkg_check_features(OUT_FEATURE_OPTIONS components
    FEATURES
        compression RATIONALE_WITH_COMPRESSION
        figures     RATIONALE_WITH_FIGURES
        files       RATIONALE_WITH_FILES
        mpi         RATIONALE_WITH_MPI
        program     RATIONALE_WITH_PROGRAM
)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DRATIONALE_BUILD_BENCHMARKS=OFF
        -DRATIONALE_BUILD_EXAMPLES=OFF
        -DRATIONALE_BUILD_TESTS=OFF
        ${components}
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/rationale)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc") # the license stands where ports have it

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
