#!/bin/sh
# usage: example.sh BUILD SOURCE WORK COMPILER FLAGS
# Installs BUILD into WORK/prefix, builds the example there with find_package(utables), and runs it.
set -eu
build=$1 source=$2 work=$3 compiler=$4 flags=${5:-}
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" --component library > "$work/install.log"
cmake -S "$source/examples/replay_one" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" > "$work/configure.log"
cmake --build "$work/build" > "$work/build.log" || { cat "$work/build.log"; exit 1; }
"$work/build/replay_one" > "$work/output"
expected='left: 28 bytes
forwarded by filter FORWARD rule 1'
[ "$(cat "$work/output")" = "$expected" ] || { echo "expected: $expected"; echo "printed:"; cat "$work/output"; exit 1; }
