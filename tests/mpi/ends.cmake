# cmake -D COMMAND= -P ends.cmake: the command must end by itself within 20 s, and with another status than 0.
execute_process(COMMAND ${COMMAND} TIMEOUT 20 RESULT_VARIABLE status)
if(status STREQUAL "0" OR NOT status MATCHES "^[0-9]+$")
    message(FATAL_ERROR "must end with a status other than 0 within 20 s, was: ${status}")
endif()
