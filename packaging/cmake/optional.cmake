# What the optional headers link against, the same in the build and in the installed package:
#   rationale::files        recordings: libzip and nlohmann-json, both or no target
#   rationale::compression  description lengths: whichever of liblzma, zstd, brotli and bzip2 are installed

# Links the target to the library if both its header and the library itself are there, and sets <library>_FOUND.
function(rationale_link_if_found target library header)
    find_path(RATIONALE_${library}_INCLUDE_DIR ${header})
    find_library(RATIONALE_${library}_LIBRARY ${library})
    mark_as_advanced(RATIONALE_${library}_INCLUDE_DIR RATIONALE_${library}_LIBRARY)
    set(${library}_FOUND FALSE PARENT_SCOPE)
    if(RATIONALE_${library}_INCLUDE_DIR AND RATIONALE_${library}_LIBRARY)
        target_include_directories(${target} INTERFACE ${RATIONALE_${library}_INCLUDE_DIR})
        target_link_libraries(${target} INTERFACE ${RATIONALE_${library}_LIBRARY})
        set(${library}_FOUND TRUE PARENT_SCOPE)
    endif()
endfunction()

if(NOT TARGET rationale::compression)
    add_library(rationale_libzip INTERFACE IMPORTED GLOBAL)
    rationale_link_if_found(rationale_libzip zip zip.h)
    find_package(nlohmann_json QUIET)
    if(zip_FOUND AND nlohmann_json_FOUND)
        add_library(rationale::files INTERFACE IMPORTED GLOBAL)
        target_link_libraries(rationale::files INTERFACE rationale::rationale rationale_libzip nlohmann_json::nlohmann_json)
    endif()

    add_library(rationale::compression INTERFACE IMPORTED GLOBAL)
    target_link_libraries(rationale::compression INTERFACE rationale::rationale)
    rationale_link_if_found(rationale::compression lzma lzma.h)
    rationale_link_if_found(rationale::compression zstd zstd.h)
    rationale_link_if_found(rationale::compression brotlienc brotli/encode.h)
    rationale_link_if_found(rationale::compression bz2 bzlib.h)
endif()
