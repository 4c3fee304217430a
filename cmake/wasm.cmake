# The toolchain of preset `wasm`: Debian's emscripten (clang 14, libc++ 13, 32-bit pointers), programs run by
# Node.js. The layers need fmt, tl::expected and, for their tests, GoogleTest: cmake/wasm/Find*.cmake take
# them from Debian's packages for this machine, as headers and sources, never from all of /usr/include.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/wasm)
