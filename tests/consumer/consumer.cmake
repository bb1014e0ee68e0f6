# What is the same however the library came here: the programs, and that it brings neither flags nor its own tests.
add_executable(consumer ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
target_link_libraries(consumer PRIVATE rationale::rationale)
if(TARGET rationale::figures AND TARGET rationale::compression)
    add_executable(components ${CMAKE_CURRENT_LIST_DIR}/components.cpp)
    target_link_libraries(components PRIVATE rationale::files rationale::figures rationale::compression)
endif()
if(TARGET rationale::mpi)
    add_executable(mpi ${CMAKE_CURRENT_LIST_DIR}/mpi.cpp)
    target_link_libraries(mpi PRIVATE rationale::mpi)
endif()

get_target_property(options rationale::rationale INTERFACE_COMPILE_OPTIONS)
if(options MATCHES "(^|[:;])[-/]")  # Conan writes empty generator expressions
    message(FATAL_ERROR "rationale::rationale has compile options on its interface: ${options}")
endif()
if(TARGET test_task OR TARGET analyze)
    message(FATAL_ERROR "a project inside another one must not build its tests and examples")
endif()
