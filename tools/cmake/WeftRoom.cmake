# weft_room(<name> [ROOMS <room>...] [LIBRARIES <target>...])
#
# A room is a top-level folder of sources, with the sub-rooms in it. It becomes the OBJECT library weft_<name> and a part of
# the library weft::weft. ROOMS are the rooms whose headers it may include; LIBRARIES come from
# outside. Sources are found by pattern, so a new op or layer costs no line in any build file.
function(weft_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ROOMS;LIBRARIES")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  add_library(weft_${name} OBJECT ${sources})
  weft_compile_options(weft_${name})
  set_target_properties(weft_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(weft_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  list(TRANSFORM arg_ROOMS PREPEND weft_)
  target_link_libraries(weft_${name} PUBLIC ${arg_ROOMS} ${arg_LIBRARIES})

  target_sources(weft_library PRIVATE $<TARGET_OBJECTS:weft_${name}>)
  target_link_libraries(weft_library PUBLIC ${arg_LIBRARIES})
endfunction()

# weft_link_rooms(<target> <room>...)
#
# Links all objects of the rooms. Ops register themselves when the program starts; from a static
# library the linker would take only the objects that something refers to, and drop the others.
function(weft_link_rooms target)
  list(TRANSFORM ARGN PREPEND weft_ OUTPUT_VARIABLE rooms)
  target_link_libraries(${target} PRIVATE ${rooms})
endfunction()
