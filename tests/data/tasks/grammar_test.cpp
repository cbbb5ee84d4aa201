#include "data/tasks/grammar.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

#include "autograd/error.hpp"
#include "data/tasks/toy_tasks.hpp"
#include "tests/catch.hpp"
#include "tests/data/tasks/grammar_parser.hpp"

using namespace weft;
using namespace weft::data;

namespace {

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

const Grammar& en_fr() {
  static const Grammar grammar = Grammar::parse(kEnFrGrammar, "en-fr.grammar");
  return grammar;
}

std::string error_of(const std::string& text) {
  try {
    Grammar::parse(text, "x.grammar");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The links as words: "the-le red-rouge".
std::string links(const ToyPair& pair) {
  std::vector<std::string> words;
  for (const auto& [i, j] : pair.alignment) words.push_back(pair.source[i] + "-" + pair.target[j]);
  return join(words);
}

/// The links of a phrase's words, from the first drawn sentence that has it.
std::string links_of(const std::string& phrase) {
  const std::vector<std::string> words = split(phrase);
  SplitMix64 random(10);
  for (int tries = 0; tries < 200000; ++tries) {
    ToyPair pair = en_fr().generate(random);
    const auto at = std::search(pair.source.begin(), pair.source.end(), words.begin(), words.end());
    if (at == pair.source.end()) continue;
    const int first = static_cast<int>(at - pair.source.begin());
    std::erase_if(pair.alignment, [&](const std::pair<int, int>& link) {
      return link.first < first || link.first >= first + static_cast<int>(words.size());
    });
    return links(pair);
  }
  return "no sentence has it";
}

const std::string kLittle =
    "feature g : m f\n"
    "source vowels : a e\n"
    "target vowels : é a\n"
    "target consonants : abri\n"
    "S -> a/an Back[g] Noun[g]* not:1 => ne:1 le/l' Noun Back pas:1\n"
    "table noun(g) one : un\n"
    "  Noun[g] -> <one> => <un>\n"
    "rows f\n";

}  // namespace

TEST_CASE("the English of en-fr has the right French") {
  const std::vector<std::pair<std::string, std::string>> known{
      {"the big red car is new .", "la grande voiture rouge est nouvelle ."},
      {"i love an old man .", "j' aime un vieil homme ."},
      {"he is old and she is tired .", "il est vieux et elle est fatiguée ."},
      {"the girl does not eat an apple .", "la fille ne mange pas de pomme ."},
      {"we did not drink any water .", "nous n' avons pas bu d' eau ."},
      {"she drinks some water .", "elle boit de l' eau ."},
      {"he buys some bread .", "il achète du pain ."},
      {"some small white mice sleep .", "de petites souris blanches dorment ."},
      {"some white mice sleep .", "des souris blanches dorment ."},
      {"his aunt loves this bird .", "sa tante aime cet oiseau ."},
      {"her brother sees my actress .", "son frère voit mon actrice ."},
      {"my young actress sings .", "ma jeune actrice chante ."},
      {"they went to the hotel .", "ils sont allés à l' hôtel ."},
      {"the queens went to the parks .", "les reines sont allées aux parcs ."},
      {"you go to the garden .", "vous allez au jardin ."},
      {"we go to this old school .", "nous allons à cette vieille école ."},
      {"the owl fell yesterday .", "le hibou est tombé hier ."},
      {"he does not see her .", "il ne la voit pas ."},
      {"the actor loves me .", "l' acteur m' aime ."},
      {"the king often writes a letter .", "le roi écrit souvent une lettre ."},
      {"does she listen to the king ?", "est-ce qu' elle écoute le roi ?"},
      {"what did they look for ?", "qu' est-ce qu' ils ont cherché ?"},
      {"why is she tired ?", ""},
      {"who took the plane ?", "qui a pris l' avion ?"},
      {"where did the sisters arrive ?", "où est-ce que les sœurs sont arrivées ?"},
      {"the woman who arrived sees many horses .",
       "la femme qui est arrivée voit beaucoup de chevaux ."},
      {"the apples that i buy are red .", "les pommes que j' achète sont rouges ."},
      {"i sing because i am sick .", "je chante parce que je suis malade ."},
      {"we are sad .", "nous sommes tristes ."},
      {"what did the bee sleep ?", ""},
      {"is the happy queen too young ?", "est-ce que la reine heureuse est trop jeune ?"},
      {"you go to the black hospital .", "vous allez à l' hôpital noir ."},
      {"she never goes to the new hospital .", "elle ne va jamais au nouvel hôpital ."},
      {"those heroes see this hero .", "ces héros voient ce héros ."},
      {"we look for many little heroes .", "nous cherchons beaucoup de petits héros ."},
      {"the other bear sleeps in front of a few hotels .",
       "l' autre ours dort devant quelques hôtels ."},
      {"another brown bear sleeps here .", "un autre ours marron dort ici ."},
      {"my other aunt sings slowly .", "mon autre tante chante lentement ."},
      {"the cat is little .", ""},
      {"someone ate every pineapple last night .", "quelqu'un a mangé chaque ananas hier soir ."},
      {"his wife does not see his other daughters .", "sa femme ne voit pas ses autres filles ."},
      {"how did she arrive before you ?", ""},
      {"he works so they sleep .", "il travaille donc ils dorment ."},
      {"i work while he sleeps there .", "je travaille pendant qu' il dort là ."},
  };
  for (const auto& [english, french] : known) {
    CAPTURE(english);
    const auto translations = GrammarParser(en_fr(), split(english)).translations();
    if (french.empty()) {
      CHECK(translations.empty());  // not in the grammar
    } else {
      REQUIRE(translations.size() == 1);
      CHECK(join(*translations.begin()) == french);
    }
  }
}

TEST_CASE("a source sentence of en-fr has one translation") {
  SplitMix64 random(7);
  std::unordered_map<std::string, std::string> translation_of;
  for (int i = 0; i < 100000; ++i) {
    const ToyPair pair = en_fr().generate(random);
    const auto [known, fresh] = translation_of.emplace(join(pair.source), join(pair.target));
    if (!fresh && known->second != join(pair.target)) {
      FAIL(known->first << ": " << known->second << " / " << join(pair.target));
    }
  }
  CHECK(translation_of.size() > 50000);
}

TEST_CASE("all derivations of an en-fr sentence agree") {
  SplitMix64 random(8);
  for (int i = 0; i < 200; ++i) {
    const ToyPair pair = en_fr().generate(random);
    CAPTURE(join(pair.source));
    const auto translations = GrammarParser(en_fr(), pair.source).translations();
    REQUIRE(translations.size() == 1);
    CHECK(*translations.begin() == pair.target);
  }
}

TEST_CASE("in en-fr \"not\" is linked to ne and pas") {
  SplitMix64 random(9);
  int seen = 0;
  while (seen < 200) {
    const ToyPair pair = en_fr().generate(random);
    const auto at = std::find(pair.source.begin(), pair.source.end(), "not");
    if (at == pair.source.end()) continue;
    ++seen;
    std::vector<std::string> linked;
    for (const auto& [i, j] : pair.alignment) {
      if (i == at - pair.source.begin()) linked.push_back(pair.target[j]);
    }
    CAPTURE(join(pair.source));
    CHECK((join(linked) == "ne pas" || join(linked) == "n' pas"));
  }
}

TEST_CASE("in en-fr words are linked to their translations") {
  const std::vector<std::pair<std::string, std::string>> known{
      {"i am sad", "i-je am-suis sad-triste"},
      {"i am very sick", "i-je am-suis very-très sick-malade"},
      {"we are famous", "we-nous are-sommes famous-célèbres"},
      {"to the hotel", "to-à the-l' hotel-hôtel"},
      {"to the hospital", "to-à the-l' hospital-hôpital"},
      {"to the school", "to-à the-l' school-école"},
      {"to the house", "to-à the-la house-maison"},
      {"to the park", "to-au the-au park-parc"},
      {"to the parks", "to-aux the-aux parks-parcs"},
      {"i did not sleep", "i-je did-ai not-n' not-pas sleep-dormi"},
      {"i never sleep", "i-je never-ne never-jamais sleep-dors"},
      {"this evening .", "this-ce evening-soir .-."},
      {"last night .", "last-hier night-soir .-."},
      {"in front of", "in-devant front-devant of-devant"},
      {"another bear", "another-un another-autre bear-ours"},
      {"because we slept .", "because-parce because-que we-nous slept-avons slept-dormi .-."},
  };
  for (const auto& [phrase, expected] : known) {
    CAPTURE(phrase);
    CHECK(links_of(phrase) == expected);
  }
}

TEST_CASE("no rule of en-fr links several words to several") {
  struct Group {
    std::vector<std::string> source, target;
  };
  for (const auto& of_symbol : en_fr().rules()) {
    for (const GrammarRule& rule : of_symbol) {
      std::map<int, Group> groups;
      for (const GrammarItem& item : rule.source) {
        if (item.part < 0) groups[item.word.group].source.push_back(item.word.form);
      }
      for (const GrammarItem& item : rule.target) {
        if (item.part < 0) groups[item.word.group].target.push_back(item.word.before_vowel);
      }
      for (const auto& [number, group] : groups) {
        CAPTURE(group.source, group.target);
        // "à_l'" is two words.
        const std::string target = join(group.target);
        const bool one_target = target.find_first_of(" _") == std::string::npos;
        CHECK((group.source.size() < 2 || one_target));
      }
    }
  }
}

TEST_CASE("en-fr has millions of sentences") {
  CHECK(en_fr().number_of_derivations(2) == 0);
  CHECK(en_fr().number_of_derivations(12) > 1e7);
}

TEST_CASE("number_of_derivations counts the trees of a length") {
  const auto grammar = Grammar::parse("S -> a => b\nS -> a S1 S2 => S2 S1\n", "x.grammar");
  // There are 1, 1, 2, 5 full binary trees with 1, 3, 5, 7 nodes.
  CHECK(grammar.number_of_derivations(7) == 9);
  CHECK(grammar.number_of_derivations(6) == 4);
  const auto circular = Grammar::parse("S -> S => S\nS -> a => b\n", "x.grammar");
  CHECK_THROWS_AS(circular.number_of_derivations(3), Error);
}

TEST_CASE("a grammar reorders, agrees, elides and links") {
  const std::string adjective =
      "table back(g) word : m f\n"
      "  Back[m] -> <word> => <m>\n"
      "  Back[f] -> <word> => <f>\n"
      "rows m,f\n";
  SplitMix64 random(1);
  const auto spelled = [&](const std::string& noun, const std::string& word) {
    return Grammar::parse(kLittle + noun + adjective + word, "x.grammar").generate(random);
  };
  const ToyPair red = spelled("  school : école\n", "  old : vieux vieille\n");
  CHECK(join(red.source) == "a old school not");  // o is not a vowel in this grammar
  CHECK(join(red.target) == "ne l' école vieille pas");
  CHECK(links(red) == "a-l' old-vieille school-école not-ne not-pas");
  const ToyPair shelter = spelled("  shelter : abri\n", "  empty_again : vide re_vide\n");
  CHECK(join(shelter.source) == "an empty again shelter not");
  CHECK(join(shelter.target) == "ne le abri re vide pas");
  CHECK(links(shelter) ==
        "an-le empty-re empty-vide again-re again-vide shelter-abri not-ne not-pas");
}

TEST_CASE("weights are probabilities") {
  const auto grammar = Grammar::parse("S -> a => b @ 3\nS -> c => d\n", "x.grammar");
  SplitMix64 random(3);
  int seen = 0;
  for (int i = 0; i < 4000; ++i) seen += grammar.generate(random).source[0] == "a" ? 1 : 0;
  CHECK(seen > 2900);
  CHECK(seen < 3100);
}

TEST_CASE("a held-out combination is reported, whichever way it comes about") {
  const auto grammar = Grammar::parse(
      "S -> Verb! Noun! => Noun Verb\n"
      "S -> Noun! that Verb! => Noun Verb\n"
      "table verb() word : mot\n  Verb -> <word> => <mot>\nrows\n  eat : mange\n  see : voit\n"
      "table noun() word : mot\n  Noun -> <word> => <mot>\nrows\n  egg : œuf\n"
      "hold out : eat egg\n",
      "x.grammar");
  CHECK(grammar.held_out() == std::vector<std::string>{"eat egg"});
  SplitMix64 random(5);
  for (int i = 0; i < 100; ++i) {
    const ToyPair pair = grammar.generate(random);
    const bool eats = pair.source.front() == "eat" || pair.source.back() == "eat";
    CHECK(pair.held_out == (eats ? grammar.held_out() : std::vector<std::string>{}));
  }
}

TEST_CASE("a bad grammar gets one line that names file and line") {
  using Catch::Matchers::Contains;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "x.grammar:0: the grammar has no rule"},
      {"# nothing\n", "x.grammar:1: the grammar has no rule"},
      {"hello\n", "x.grammar:1: unknown statement; got \"hello\""},
      {"\n  S -> a => b\n", "x.grammar:2: an indented line outside a table"},
      {"S -> a\n", "x.grammar:1: expected \"Category -> source => target\""},
      {"s -> a => b\n", "x.grammar:1: expected \"Category"},
      {"S -> => b\n", "x.grammar:1: the source side is empty"},
      {"S -> a => b @ 0\n",
       "x.grammar:1: a weight is a number in [1e-06, 1000000] after @; got \"0\""},
      {"S -> a => b @ inf\n", "x.grammar:1: a weight is a number in [1e-06, 1000000] after @"},
      {"S -> a => b @\n", "x.grammar:1: a weight"},
      {"S -> a:x => b\n", "x.grammar:1: a link group is one digit; got \"a:x\""},
      {"S -> a/ => b\n", "x.grammar:1: an empty form in \"a/\""},
      {"S -> T => b\n", "x.grammar:1: no rule says what T is"},
      {"S -> a => T\n", "x.grammar:1: \"T\" stands in the target but not in the source"},
      {"S -> T T => T\n", "x.grammar:1: \"T\" stands twice; hint: number them, T1 and T2"},
      {"S -> T => T T\nT -> a => b\n", "x.grammar:1: \"T\" stands 2 times in the target"},
      {"S -> T! a => T\nT -> a => b\n", "x.grammar:1: a combination has two parts; got 1"},
      {"S -> T[x] => T\n", "x.grammar:1: \"x\" is neither a value nor a feature's name"},
      {"feature g : m f\nS[g] -> a => b\n", "x.grammar:2: the first rule's category is a sentence"},
      {"feature g : m f\nS -> T[m => T\n", "x.grammar:2: a category's \"]\" is missing"},
      {"feature g : m f\nS -> T[g] => T\nT[m] -> a => b\nT -> a => b\n",
       "x.grammar:4: T has other features here than above"},
      {"feature g : m f\nfeature h : m\n", "x.grammar:2: the value \"m\" belongs to two features"},
      {"feature g\n", "x.grammar:1: expected \"feature NAME : VALUE ...\""},
      {"feature g : m f\nS -> a => b\nT[g] -> a => b\n", "x.grammar:3: no sentence can use this"},
      {"S -> a S => S\n", "x.grammar:1: no sentence can use this line"},
      {"source vowel : a\n", "x.grammar:1: expected \"source vowels : LETTER"},
      {"table t\n", "x.grammar:1: expected \"table name(feature,...)"},
      {"table t() : b\n  S -> a => <b>\nrows\n  : x\n",
       "x.grammar:1: expected \"table name(feature,...)"},
      {"table t() a : b\n  S -> <c> => <b>\nrows\n  x : y\n", "x.grammar:2: a slot <...> names no"},
      {"table t() a : b\n  S -> <a => <b>\nrows\n  x : y\n", "x.grammar:2: a slot <...> names no"},
      {"table t() a : b\n  S -> <a> => <b> <\nrows\n  x : y\n", "x.grammar:2: a slot <...> names"},
      {"table t() a : b\n  S -> <a> => <b>\nrows\n  x y : z\n",
       "x.grammar:4: a row with 2 : 1 words; expected 1 : 1"},
      {"feature g : m\ntable t(g) a : b\n  x : y\n",
       "x.grammar:3: a row before the first \"rows\""},
      {"feature g : m\ntable t(g) a : b\nrows n\n", "x.grammar:3: \"n\" is neither a value"},
      {"rows m\n", "x.grammar:1: rows outside a table"},
      {"S -> a => b\nhold out : x y z\n", "x.grammar:2: a held-out combination has two words"},
      {"S -> a => b\nhold out : x y\n",
       "x.grammar:2: a held-out word heads no table row; got \"x\""},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK_THAT(error_of(text), Contains(message));
  }
}

TEST_CASE("a word of a table is no slot, whatever it looks like") {
  const auto grammar = Grammar::parse(
      "table t() a b : c\n  S -> <a> <b> => <c>\nrows\n  <b> <a> : <a>\n", "x.grammar");
  SplitMix64 random(1);
  const ToyPair pair = grammar.generate(random);
  CHECK(pair.source == std::vector<std::string>{"<b>", "<a>"});
  CHECK(pair.target == std::vector<std::string>{"<a>"});
}

TEST_CASE("a short grammar does not become millions of rules") {
  const std::string six =
      "feature v : a b c d e f g h i j\n"
      "S -> A1[v1] A2[v2] A3[v3] A4[v4] A5[v5] A6[v6] => A1\n"
      "A[v] -> x => y\n";
  CHECK(error_of(six) ==
        "x.grammar:2: too many rules with all values of the features; expected at most 50000");
}

TEST_CASE("a grammar that grows without bound is an error, not a crash") {
  const auto grammar = Grammar::parse("S -> a S => S @ 1000000\nS -> a => b\n", "x.grammar");
  SplitMix64 random(1);
  CHECK_THROWS_AS(grammar.generate(random), Error);
}
