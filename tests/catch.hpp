#pragma once

// Catch2, whichever of its two headers is installed.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>  // Catch2 3
using Catch::Approx;
#else
#include <catch2/catch.hpp>  // Catch2 2.13, whose Approx is already global
#endif
