# Configures, builds and runs tests/consumer: cmake -D WAY=installed|subdirectory -D SOURCE= -D BINARY= -D COMPILER= -D GENERATOR= -P consumer.cmake
set(work ${BINARY}/consumer-${WAY})
file(REMOVE_RECURSE ${work})
if(WAY STREQUAL "installed")
    execute_process(COMMAND ${CMAKE_COMMAND} --install ${BINARY} --prefix ${work}/prefix OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    set(where -D CMAKE_PREFIX_PATH=${work}/prefix)
else()
    set(where -D RATIONALE_SOURCE=${SOURCE})
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/tests/consumer -B ${work}/build -D CMAKE_CXX_COMPILER=${COMPILER} ${where}
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${work}/build/consumer COMMAND_ERROR_IS_FATAL ANY)
