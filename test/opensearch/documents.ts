/** What the suite of OpenSearch searches: articles in an index as the construct makes it. */

/** A document as the functions write it. */
export interface ArticleDocument {
  readonly articleId: string;
  readonly authorId: string;
  readonly title: string;
  /** Some have none. */
  readonly description?: string;
  readonly tagList: readonly string[];
  readonly body: string;
}

const keyword = { type: 'keyword' };
const text = { type: 'text', analyzer: 'standard' };

/** Settings and mapping of the index. */
export const INDEX = {
  settings: { index: { number_of_shards: 1, number_of_replicas: 0 } },
  mappings: {
    dynamic: 'strict',
    properties: { articleId: keyword, authorId: keyword, title: text, description: text, tagList: keyword, body: text },
  },
};

/** As UUIDs of version 7, which grow with time: a higher number is a newer article. */
export const idOf = (number: number): string => `0193a5c0-${String(number).padStart(4, '0')}-7abc-8def-0123456789ab`;

const article = (
  number: number,
  authorId: string,
  tagList: readonly string[],
  title: string,
  description: string | undefined,
  body: string,
): ArticleDocument => ({
  articleId: idOf(number),
  authorId,
  title,
  ...(description !== undefined && { description }),
  tagList,
  body,
});

const SENTENCE = 'The ferry leaves at dawn and the island is quiet until noon. ';
const FILLER = 'Nothing of note happened in the valley that day, and the road was as long as ever. ';

const SCIENCE: ArticleDocument[] = [
  article(
    1,
    'ada',
    ['space', 'science'],
    'Quasar spotting for beginners',
    'What to look for in a winter sky',
    'Take a warm coat and a good map. Patience helps more than any lens.',
  ),
  article(
    2,
    'ada',
    ['space'],
    'A night at the observatory',
    'We saw a quasar through the large telescope',
    'The dome opened slowly. It was cold, and nobody complained about it at all.',
  ),
  article(
    3,
    'bela',
    ['space', 'history'],
    'How the sky was mapped',
    'Two centuries of careful drawings',
    'Surveys came first, radio dishes later. Each quasar in the catalogue has a number and nothing else.',
  ),
  article(
    4,
    'bela',
    ['science'],
    'Ice that moves',
    'Notes from a field trip',
    'A glacier is a river of ice. The glacier moves at night, the glacier moves by day, and a glacier never asks.',
  ),
  article(
    5,
    'chen',
    ['science', 'travel'],
    'Walking in the high valleys',
    'Two weeks with a heavy rucksack',
    `${FILLER.repeat(6)}At last we stood before the glacier. ${FILLER.repeat(6)}`,
  ),
  article(
    6,
    'chen',
    ['science'],
    'Measuring rain',
    'A bucket, a ruler and a lot of time',
    'Measure every morning at the same hour, and write it down before breakfast.',
  ),
];

const FOOD: ArticleDocument[] = [
  article(
    7,
    'dora',
    ['food', 'tea'],
    'Green tea without bitterness',
    'Water that is not quite boiling',
    'Green tea wants eighty degrees. Wait two minutes, no longer.',
  ),
  article(
    8,
    'dora',
    ['food'],
    'Green beans in ten minutes',
    'A side dish for every day',
    'Blanch the beans, then butter and salt.',
  ),
  article(
    9,
    'emil',
    ['food', 'tea'],
    'Black tea and how to ruin it',
    'Common mistakes',
    'Do not reheat it. Do not leave the leaves in the pot.',
  ),
  article(
    10,
    'emil',
    ['food'],
    'Tomato soup',
    'Five things from the cupboard',
    'Roast the tomatoes first. A tomato that was roasted tastes of more.',
  ),
  article(
    11,
    'dora',
    ['food', 'baking'],
    'Bread with a long rise',
    'Flour, water, salt and patience',
    'The dough rests overnight. Bread that rests tastes better than bread that does not.',
  ),
  article(
    12,
    'emil',
    ['food', 'baking'],
    'Rye rolls',
    undefined,
    'Half rye and half wheat; bake them dark. The crust is the point.',
  ),
];

const TRAVEL: ArticleDocument[] = [
  article(13, 'ada', ['travel', 'islands'], 'Slow ferries', 'Why the slow one is the right one', SENTENCE.repeat(30)),
  article(
    14,
    'ada',
    ['travel', 'trains'],
    'Night trains across the continent',
    'Sleep in one country and wake in another',
    'Book the upper berth. The night is short and the coffee in the train is bad.',
  ),
  article(
    15,
    'bela',
    ['travel', 'trains'],
    'The last branch line',
    'A train with one carriage',
    'It runs twice a day, and the driver waves. Nobody knows how long it will last.',
  ),
  article(
    16,
    'chen',
    ['travel'],
    'Packing light',
    'One bag for three weeks',
    'Three shirts, two pairs of trousers, one good jacket. Wash in the evening.',
  ),
  article(
    17,
    'chen',
    ['travel', 'Islands'],
    'An island in November',
    'Empty beaches',
    'Wind, gulls and one open café.',
  ),
  article(
    18,
    'dora',
    ['travel', 'food'],
    'Markets worth a detour',
    'Where to eat standing up',
    'Go early and go hungry. Buy the cheese last, or you will carry it all day.',
  ),
];

const CODE: ArticleDocument[] = [
  article(
    19,
    'emil',
    ['code', 'typescript'],
    'Types that tell the truth',
    'Narrow early, trust later',
    'A type is a promise. Parse at the border, and then believe what the compiler says.',
  ),
  article(
    20,
    'emil',
    ['code', 'aws'],
    'One table is enough',
    'Single-table design in practice',
    'Write down the access patterns before the keys. A table without them is a spreadsheet.',
  ),
  article(
    21,
    'ada',
    ['code', 'aws', 'search'],
    'Search as a second view',
    'Keep the table as the truth',
    'The index is behind the table, by seconds. Say so to your readers, or hide it from the writer.',
  ),
  article(
    22,
    'ada',
    ['code'],
    'Naming things',
    'It is still hard',
    'If you cannot name it you do not know what it does. The name comes last and is read first.',
  ),
  article(
    23,
    'bela',
    ['code', 'testing'],
    'A test that fails for one reason',
    'And tells which',
    'Write the test, see it fail, mend the code, see it pass. In that order, each and every time.',
  ),
  article(
    24,
    'bela',
    ['code', 'testing'],
    'Fuzzing on a budget',
    'Ten thousand runs before lunch',
    'A seed that failed goes into the suite. The seed is worth more than the run.',
  ),
];

const SCRIPTS: ArticleDocument[] = [
  article(
    25,
    'chen',
    ['unicode', 'café'],
    'Café culture in Besançon',
    'Où boire un café',
    'Un café crème, s’il vous plaît.',
  ),
  // The same letter as two code points: another word to the analyzer.
  article(
    26,
    'chen',
    ['unicode'],
    'Cafe\u0301 by composition',
    'An accent apart',
    'Letters that look alike and are not.',
  ),
  article(
    27,
    'dora',
    ['unicode', 'japanese'],
    '東京の朝',
    '電車とコーヒー',
    '朝の東京は静かです。コーヒーを飲みます。',
  ),
  article(28, 'dora', ['unicode', 'chinese'], '北京的秋天', '香山红叶', '秋天的北京很美。我爱北京天安门。'),
  article(
    29,
    'emil',
    ['unicode', 'korean'],
    '서울의 밤',
    '야시장',
    '서울의 밤은 깁니다. K팝2집 2031년 ㅋㅋlol 서울_city 한강.다리 부산橋 대구の',
  ),
  article(
    30,
    'emil',
    ['unicode', 'emoji', '🚀'],
    'Launch day 🚀',
    'Rockets and tears 😭 🇩🇪🇫🇷 #️⃣',
    'We did it 🚀🚀 and then slept 👩‍🚀 well.',
  ),
  article(
    31,
    'ada',
    ['unicode', 'greek'],
    'ΟΔΥΣΣΕΥΣ returns',
    'A long way home',
    'Ὀδυσσεύς sailed for ten years. ΟΔΥΣΣΕΥΣ did not hurry.',
  ),
  article(
    32,
    'ada',
    ['unicode', 'turkish'],
    'İSTANBUL by tram',
    'Straße und Brücke',
    'From Istanbul to the STRASSE and back.',
  ),
  article(33, 'bela', ['unicode', 'thai'], 'สวัสดีชาวโลก', 'ภาษาไทย', 'Привет, мир. Шалом שלום. مرحبا بالعالم.'),
];

const PUNCTUATION: ArticleDocument[] = [
  article(
    34,
    'bela',
    ['words', 'e-mail'],
    'State-of-the-art e-mail',
    'Well-known hyphens',
    'Re-index the co-author’s e-mail. It is well known that well-known words split.',
  ),
  article(
    35,
    'chen',
    ['words'],
    "Don't panic: O'Reilly's rock 'n' roll",
    'Apostrophes, straight and ’curly’',
    "It's the reader's choice; the readers' choice isn’t ours.",
  ),
  article(
    36,
    'chen',
    ['words', 'numbers'],
    'Pi is 3.14159 or so',
    'Version 2.19.1 of 1,000,000',
    'Call +44 20 7946 0958 at 12:30 on 2024-05-01. It costs $9.99, 50% off, x2.',
  ),
  article(
    37,
    'dora',
    ['words', 'html'],
    'Use <em>tags</em> & be <b>bold</b>',
    '<script>alert("1 < 2")</script>',
    '<p class="lead">Markup is text here: <a href="https://example.com/a?b=c&d=e">example</a> &amp; more.</p>',
  ),
  article(
    38,
    'dora',
    ['words', 'code'],
    'snake_case, camelCase and foo.bar()',
    'C++ and C# or .NET; node.js __ カ_タ 〆',
    'Mail ada@example.com or see https://example.com/path/to_file.html?q=1#top for wi-fi4all.',
  ),
  article(39, 'emil', ['words'], 'To be, or not to be: that is the question', '…', 'THE the The tHe. A an AND or NOT.'),
];

const SIZES: ArticleDocument[] = [
  article(40, 'emil', [], 'x', 'y', 'z'),
  article(41, 'ada', ['long'], 'A very long walk', 'Ten thousand steps', `${'step '.repeat(9_999)}finally`),
  article(
    42,
    'ada',
    ['long'],
    'Several harbours',
    'Where the boats are',
    `The first harbour is small. ${FILLER.repeat(4)}The second harbour has a crane. ${FILLER.repeat(4)}` +
      `A harbour without boats is a lake. ${FILLER.repeat(4)}Every harbour freezes in the end: harbour after harbour.`,
  ),
  article(43, 'bela', ['long'], `Word${'s'.repeat(300)} of length`, 'Longer than a token may be', 'See the title.'),
  article(
    44,
    'bela',
    ['first', 'second', 'third', 'fourth', 'fifth'],
    'Many tags',
    'Five of them',
    'Tags, tags, tags.',
  ),
  article(
    45,
    'chen',
    ['lines'],
    'Lines and tabs',
    'One\ntwo',
    'First line\nsecond line\r\n\tthird line\n\n# Heading\n\n- item',
  ),
];

/** Alike on purpose: what differs is the number. */
const WEEKS: ArticleDocument[] = Array.from({ length: 15 }, (_, index) =>
  article(
    46 + index,
    index % 3 === 0 ? 'dora' : 'emil',
    ['garden', index % 2 === 0 ? 'even' : 'odd', ...(index % 5 === 0 ? ['harvest'] : [])],
    `Garden week ${index}`,
    'A diary of the garden',
    `In week ${index} the beans grew and the rain came. The garden is as it is.`,
  ),
);

/** Sixty articles, in the order of their ids. */
export const DOCUMENTS: readonly ArticleDocument[] = [
  ...SCIENCE,
  ...FOOD,
  ...TRAVEL,
  ...CODE,
  ...SCRIPTS,
  ...PUNCTUATION,
  ...SIZES,
  ...WEEKS,
];
