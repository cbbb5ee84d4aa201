# Writes a text file as a C++ source with one constant in namespace weft::data. Run at build time:
#   cmake -DINPUT=<text file> -DOUTPUT=<source> -DNAME=<constant> -P WeftEmbed.cmake
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include <string_view>

namespace weft::data {

extern const std::string_view ${NAME};
const std::string_view ${NAME} = R\"weft(${text})weft\";

}  // namespace weft::data
")
