# Lists the test cases of a doctest executable as CTest tests: cmake -D EXECUTABLE= -D FOLDER= -D OUTPUT= -P discover.cmake
# A name that selects no case fails, and names may contain brackets, commas and semicolons.
execute_process(COMMAND ${EXECUTABLE} --list-test-cases OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${EXECUTABLE} --list-test-cases --test-suite=long OUTPUT_VARIABLE long COMMAND_ERROR_IS_FATAL ANY)
set(script "")
while(listing MATCHES "^([^\n]*)\n(.*)$")
    set(name "${CMAKE_MATCH_1}")
    set(listing "${CMAKE_MATCH_2}")
    if(name STREQUAL "" OR name MATCHES "^\\[doctest\\]|^=+$")
        continue()
    endif()
    # A type may stand twice in a template's list, under two names: such cases run together.
    string(FIND "${script}" "add_test([==[${FOLDER}: ${name}]==]" place)
    if(NOT place EQUAL -1)
        continue()
    endif()
    string(REPLACE "," "\\," filter "${name}")
    set(labels "LABELS ${FOLDER}")
    string(FIND "${long}" "\n${name}\n" place)
    if(NOT place EQUAL -1)  # these begin first
        set(labels "LABELS [==[${FOLDER};long]==] COST 300")
    endif()
    string(APPEND script "add_test([==[${FOLDER}: ${name}]==] [==[${EXECUTABLE}]==] [==[--test-case=${filter}]==])\n"
        "set_tests_properties([==[${FOLDER}: ${name}]==] PROPERTIES ${labels} FAIL_REGULAR_EXPRESSION [==[test cases: +0 ]==])\n")
endwhile()
file(WRITE ${OUTPUT} "${script}")
