# The recipes of package managers say what the tree says, as far as that shows without the managers themselves:
# cmake -D SOURCE= -D WORK= -D VERSION= -D COMPONENTS= -D COMPILER= [-D PYTHON=] -P check.cmake
cmake_minimum_required(VERSION 3.25)
include(${SOURCE}/tests/packages/vcpkg.cmake)

# vcpkg: the manifest of the tree and the port have this version, and every component as a feature with the same dependencies.
file(READ ${SOURCE}/vcpkg.json manifest)
file(READ ${SOURCE}/packaging/vcpkg/ports/rationale/vcpkg.json port)
file(READ ${SOURCE}/packaging/vcpkg/ports/rationale/portfile.cmake portfile)
foreach(of IN ITEMS manifest port)
    string(JSON version GET "${${of}}" version-semver)
    expect_equal("vcpkg: version of the ${of}" "${version}" "${VERSION}")
endforeach()
foreach(component IN LISTS COMPONENTS)
    string(JSON in_manifest GET "${manifest}" features ${component} dependencies)
    string(JSON in_port GET "${port}" features ${component} dependencies)
    string(JSON same EQUAL "${in_manifest}" "${in_port}")
    expect_equal("vcpkg: dependencies of ${component} are the same in manifest and port" "${same}" ON)
    string(TOUPPER RATIONALE_WITH_${component} switch)
    if(NOT portfile MATCHES " ${component} +${switch}\n")
        message(SEND_ERROR "vcpkg: the feature ${component} does not switch ${switch}")
    endif()
endforeach()

# vcpkg: a component whose feature is not asked for is not looked for, here or by those who use the package.
file(REMOVE_RECURSE ${WORK})
package_of_port(${SOURCE}/packaging/vcpkg/ports/rationale)
foreach(component IN LISTS COMPONENTS)
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE}/tests/consumer/find_package -B ${WORK}/refused -D CMAKE_CXX_COMPILER=${COMPILER}
        -D CMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR} -D needed=${component} RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE output)
    string(REGEX REPLACE "[ \n]+" " " output "${output}")
    if(status EQUAL 0 OR NOT output MATCHES "rationale was installed without its component ${component}\\.")
        message(SEND_ERROR "vcpkg: without the feature ${component} it must be refused, but:\n${output}")
    endif()
endforeach()

# Conan: the recipe's methods.
if(PYTHON)
    execute_process(COMMAND ${PYTHON} ${SOURCE}/tests/packages/recipe.py ${SOURCE} COMMAND_ERROR_IS_FATAL ANY)
endif()
