# Distributed under the OSI-approved BSD 3-Clause License.  See accompanying
# file Copyright.txt or https://cmake.org/licensing for details.


set (CMAKE_MAKE_PROGRAM "nmake" CACHE STRING
     "Program used to build from makefiles.")
mark_as_advanced(CMAKE_MAKE_PROGRAM)
