# cmake -D COMMAND= [-D STATUS=] -P ends.cmake: the command must end by itself within 20 s, with that status, or any other than 0.
execute_process(COMMAND ${COMMAND} TIMEOUT 20 RESULT_VARIABLE status)
if(status STREQUAL "0" OR NOT status MATCHES "^[0-9]+$" OR (DEFINED STATUS AND NOT status STREQUAL STATUS))
    message(FATAL_ERROR "must end with a status other than 0 (${STATUS}) within 20 s, was: ${status}")
endif()
