# Distributed under the OSI-approved BSD 3-Clause License.  See accompanying
# file Copyright.txt or https://cmake.org/licensing for details.


# Empty placeholder for input dependencies in existing
# build trees produced by older versions of CMake.
