import { renderTemplate, RenderedTemplate, TemplateContext, TemplateError } from './index';

const CONTEXT: TemplateContext = {
  arguments: { text: 'str', n: 7, list: ['p', 'q'], map: { a: 'x', none: null, i: 5 }, empty: '', zero: 0, no: false },
  identity: { sub: 'me' },
};

const render = (template: string, context = CONTEXT): string | undefined => renderTemplate(template, context).text;

/** Short names, so that what is tested is seen. */
const SHORT =
  '#set($lines = "str\n")#set($s = $ctx.args.text)#set($n = $ctx.args.n)#set($l = $ctx.args.list)#set($m = $ctx.args.map)';

describe('as Velocity 1.7 renders', () => {
  // What is on the right was written by Velocity 1.7 for the same values.
  test.each([
    ['#set($x = 7 / 2)$x', '3'],
    ['#set($x = $n % 4)$x', '3'],
    ['#set($x = 1 + 2 * 3)$x', '7'],
    ['#set($x = 2147483647 + 1)$x', '2147483648'],
    ['#set($x = "a" + 1)$x', 'a1'],
    ['#set($x = $s && $n)$x', 'true'],
    ['#set($x = !$m.zz && $s)$x', 'true'],
    ['#if($n == "7" && $n eq 7 and not $ctx.args.no)T#end', 'T'],
    ['#if($m.a == $q)T#{else}F#end#if($q == $q2)T#{else}F#end', 'FT'],
    ['#if($m.none)T#elseif($n)E#end', 'E'],
    ['"C#$s#$n" "#SNAPSHOT" "$s#"', '"C#str#7" "#SNAPSHOT" "str#"'],
    ['#set($k = "C#${s}#$n-")$k', undefined],
    ['#set($k = "C#${s}#${n}-")$k', 'C#str#7-'],
    ['#set($k = "^[a-z#]+$")$k', '^[a-z#]+$'],
    ['#set($k = "a\\\\d \\d")$k', 'a\\\\d \\d'],
    ['#set($k = "a\'b")$k', "a'b"],
    ["#set($k = '$s')$k", '$s'],
    [
      '#foreach($x in $l)$x$foreach.count$foreach.index$foreach.hasNext#if($foreach.hasNext),#end#end',
      'p10true,q21false',
    ],
    ['#foreach($x in [3..1])$x#end#foreach($x in {"a": 1})$x#end', '3211'],
    ['#foreach($x in $l)#if($x == "q")#break#end$x#end!', 'p!'],
    ['#foreach($x in $q)a#end|', '|'],
    ['#set($x = "kept")#foreach($x in $l)$x#end$x', 'pqkept'],
    ['#foreach($e in $m.entrySet())$e.key=$!e.value;#end', 'a=x;none=;i=5;'],
    ['$!s$n $!{m.none}z $m.a. ${m.a}y', 'str7 z x. xy'],
    ['$5.00 #hash #123 $ $$s', '$5.00 #hash #123 $ $str'],
    [
      '$s.substring(0, 2) $s.length() $m.size() $m.isEmpty() $m.containsKey("a") $l.contains("p")',
      'st 3 3 false true true',
    ],
    [
      '$s.equals("str") $s.equals($q) $s.matches("[a-z]+") $s.indexOf("t") $l.get(1) $l[0] $m["a"]',
      'true false true 1 q p x',
    ],
    ['#set($m.y = 3)#set($m["z"] = 4)#set($l[0] = 5)$m.y$m.z$l[0]', '345'],
    ['$l.add("z")$!m.put("q", 1)$l.size()$m.q', 'true31'],
    ['#set($x = $s.split("t"))$x[0] $x.size()', 's 2'],
    ['## c\nx #* y\n *# z', 'x  z'],
    ['a#if(true)\nb\n#end\nc', 'ab\nc'],
    ['#if(!($n == 7))T#{else}F#end', 'F'],
    ['#if(true || $x.y())T#end', 'T'],
    ['#set($x = "#if($n)y#end")$x', 'y'],
  ])('%j', (template, expected) => {
    if (expected === undefined) expect(() => render(SHORT + template)).toThrow('read differently');
    else expect(render(SHORT + template)).toBe(expected);
  });
});

describe('what versions of Velocity read differently, or write as it stands, is refused', () => {
  test.each([
    ['$ctx.args.none', '$ctx.args.none has no value'],
    ['"$q"', '$q has no value'],
    ['$m', '$m is a map'],
    ['$m.put("q", 1)', 'has no value'],
    ['#if($ctx.args.empty)T#end', 'is not the same in every Velocity'],
    ['#if($ctx.args.zero)T#end', 'is not the same in every Velocity'],
    ['#if([])T#end', 'is not the same in every Velocity'],
    ['#set($x = 1)#set($x = $ctx.args.none)', 'some Velocities leave it as it was'],
    ['$l[5]', 'the index 5 is out of bounds'],
    ['$l[-1]', 'out of bounds'],
    ['$n.equals(7)', 'numbers are compared by =='],
    ['#if($s > "a")T#end', '> needs numbers'],
    ['#set($x = 1 / 0)', 'by 0'],
    ['#set($x = 1.5 * 2)', 'written differently'],
    ['#set($x = 2.0)', '2.0 is a decimal'],
    ['#set($x = 5-3)', 'a space is needed'],
    ['#set($x = -$n)', 'has to be a reference'],
    ['#set($x = null)', 'has to be a reference'],
    ['#set($x = {"a": 1 + 2})', 'no expressions'],
    ['#set($x = {"a": null})', 'has to be a reference'],
    ['#set($x = [ ])', 'has to be a reference'],
    ['$m.isEmpty( )', 'has to be a reference'],
    ['$s.concat($n + 1)', 'no expressions'],
    ['$m.a-b', 'followed by -'],
    ['#set($k = "it""s")', 'a quote within a text'],
    ['#set($k = "it\\"s")', 'a quote within a text'],
    ['#set($k = "a##b")', 'is a comment'],
    ['\\$s', 'a backslash before'],
    ['#macro(f)#end', '#macro is not supported'],
    ['#f(1)', '#f is no directive'],
    ['#stop', '#stop is not supported'],
    ['#foreach($x in $l)$x#else none#end', '#else of #foreach'],
    ['#foreach($x in $s)$x#end', '#foreach goes over lists'],
    ['#end', '#end without a block'],
    ['#if($n)', '#if without #end'],
    ['$s.foo', 'has no property foo'],
    ['$m.class', 'the property class is what Java has of it'],
    ['$s.getClass()', 'has no method getClass'],
    ['$s.replaceAll("a++", "b")', 'read differently by Java'],
    ["$util.matches('^[a-z]+$', $lines)", 'does not cover it'],
    ["$util.matches('t', $s)", 'does not cover it'],
    ['$extensions.setSubscriptionFilter($m)', '$extensions is not known'],
    ['$ctx.nothing', '$context has no property nothing'],
    ['$util.nothing($s)', '$util.nothing is not known'],
    ['$util.time.nowFormatted("x")', '$util.time.nowFormatted is not known'],
    ['$util.transform.toDynamoDBFilterExpression($m)', '$util has no property transform'],
    ['#set($ctx = 1)', 'which AppSync gives'],
    ['#foreach($x in [1..1001])$x#end', '1001 is too long'],
  ])('%j', (template, message) => {
    expect(() => render(SHORT + template)).toThrow(message);
  });
});

test('#foreach goes over a thousand elements at most', () => {
  const of = (length: number): TemplateContext => ({ arguments: { list: Array.from({ length }, () => 'x') } });
  const count = '#foreach($x in $ctx.args.list)$foreach.count #end';
  expect(render(count, of(1000))).toContain(' 1000 ');
  expect(() => render(count, of(1001))).toThrow('#foreach goes over at most 1000 elements, got 1001');
});

test('a template gives 5 MB at most', () => {
  const context: TemplateContext = { arguments: { text: 'x'.repeat(1024 * 1024) } };
  expect(render('$ctx.args.text$ctx.args.text', context)).toHaveLength(2 * 1024 * 1024);
  expect(() => render('#foreach($i in [1..5])$ctx.args.text#end.', context)).toThrow(
    'a template gives 5242880 bytes at most, got 5242881',
  );
});

test('a message says where', () => {
  expect(() => render('\n  $util.nothing()')).toThrow('(line 2, column 3)');
  expect(() => render('\n #set($x = "a\n$nope")')).toThrow('(line 3, column 1)');
});

describe('$util', () => {
  test.each([
    ['toJson($m)', '{"a":"x","none":null,"i":5}'],
    ['toJson($util.parseJson("[1, {}, true]"))', '[1,{},true]'],
    ['toJson($q)', 'null'],
    ['urlEncode("a b/é")', 'a+b%2F%C3%A9'],
    ['urlDecode("a+b%2F")', 'a b/'],
    ['base64Encode("é")', 'w6k='],
    ['base64Decode("w6k=")', 'é'],
    ['isNull($m.none)', 'true'],
    ['isNullOrEmpty("")', 'true'],
    ['isNullOrEmpty($l)', 'false'],
    ['isNullOrBlank(" ")', 'true'],
    ['defaultIfNull($m.none, "d")', 'd'],
    ['defaultIfNullOrEmpty("", "d")', 'd'],
    ['defaultIfNullOrBlank(" ", "d")', 'd'],
    ['isString($s)', 'true'],
    ['isNumber($s)', 'false'],
    ['isBoolean(true)', 'true'],
    ['isList($l)', 'true'],
    ['isMap($l)', 'false'],
    ['typeOf($q)', 'Null'],
    ['typeOf($m)', 'Map'],
    ['matches("^[a-z]{1,3}$", $s)', 'true'],
    ["matches('^[a-z]+\\z', $s)", 'true'],
    ["matches('^[a-z]+\\z', $lines)", 'false'],
    ["matches('^[0-9]+$', $s)", 'false'],
    ['escapeJavaScript("a\'b")', "a\\'b"],
    ['authType()', 'User Pool Authorization'],
    ['qr($m.put("b", 1))', ''],
    ['time.nowISO8601()', '2025-01-02T03:04:05.678Z'],
    ['time.nowEpochSeconds()', '1735787045'],
    ['time.nowEpochMilliSeconds()', '1735787045678'],
    ['time.parseISO8601ToEpochMilliSeconds("2025-01-02T04:04:05.678+01:00")', '1735787045678'],
    ['time.epochMilliSecondsToISO8601(0)', '1970-01-01T00:00:00.000Z'],
    ['time.epochMilliSecondsToSeconds(1999)', '1'],
    ['dynamodb.toDynamoDBJson($m)', '{"M":{"a":{"S":"x"},"none":{"NULL":null},"i":{"N":5}}}'],
    ['dynamodb.toMapValuesJson($m)', '{"a":{"S":"x"},"none":{"NULL":null},"i":{"N":5}}'],
    ['toJson($util.dynamodb.toDynamoDB($l))', '{"L":[{"S":"p"},{"S":"q"}]}'],
    ['dynamodb.toStringJson($s)', '{"S":"str"}'],
    ['dynamodb.toStringSetJson($l)', '{"SS":["p","q"]}'],
    ['dynamodb.toNumberJson(5)', '{"N":5}'],
    ['dynamodb.toNumberSetJson([1, 2])', '{"NS":[1,2]}'],
    ['dynamodb.toBooleanJson(true)', '{"BOOL":true}'],
    ['dynamodb.toNullJson()', '{"NULL":null}'],
    ['dynamodb.toListJson([1])', '{"L":[{"N":1}]}'],
    ['dynamodb.toMapJson({"a": true})', '{"M":{"a":{"BOOL":true}}}'],
    ['toJson($util.list.copyAndRetainAll($l, ["q"]))', '["q"]'],
    ['toJson($util.list.copyAndRemoveAll($l, ["q"]))', '["p"]'],
    ['toJson($util.list.sortList([{"a": 2}, {"a": 1}], false, "a"))', '[{"a":1},{"a":2}]'],
    ['toJson($util.map.copyAndRetainAllKeys($m, ["i"]))', '{"i":5}'],
    ['toJson($util.map.copyAndRemoveAllKeys($m, ["a", "none"]))', '{"i":5}'],
    ['str.toUpper($s)', 'STR'],
    ['str.toReplace($s, "t", "-")', 's-r'],
    ['math.roundNum(1.5)', '2'],
    ['math.maxVal(1, 2)', '2'],
  ])('$util.%s', (call, expected) => {
    const now = (): number => Date.UTC(2025, 0, 2, 3, 4, 5, 678);
    expect(renderTemplate(`${SHORT}$util.${call}`, CONTEXT, { now }).text).toBe(expected);
  });

  test('autoId is a UUID, another each time', () => {
    const [a, b] = [render('$util.autoId()'), render('$util.autoId()')];
    expect(a).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(a).not.toBe(b);
  });

  const raised = (template: string): unknown => {
    try {
      return render(template, { ...CONTEXT, info: { fieldName: 'f', parentTypeName: 'T' } });
    } catch (error) {
      return error instanceof TemplateError ? error.raised : error;
    }
  };

  test.each([
    ['$util.error("m")', ['m', null, null, null]],
    ['$util.error("m", "t")', ['m', 't', null, null]],
    ['$util.error("m", "t", {"a": 1})', ['m', 't', { a: 1 }, null]],
    ['$util.error("m", "t", null, {"a": [1]})', ['m', 't', null, { a: [1] }]],
    ['$util.unauthorized()', ['Not Authorized to access f on type T', 'Unauthorized', null, null]],
    ['$util.validate(false, "m")', ['m', 'CustomTemplateException', null, null]],
    ['$util.validate(false, "m", "t", 1)', ['m', 't', 1, null]],
  ])('%s ends the template', (template, [message, errorType, data, errorInfo]) => {
    expect(raised(template)).toEqual({ message, errorType, data, errorInfo });
  });

  test('appendError goes on', () => {
    const { text, appended } = renderTemplate('a$util.appendError("m", "t")b$util.validate(true, "x")', CONTEXT);
    expect(text).toBe('ab');
    expect(appended).toEqual([{ message: 'm', errorType: 't', data: null, errorInfo: null }]);
  });
});

test('#return ends a template with a value', () => {
  expect(renderTemplate('a#return({"a": $ctx.args.n})b', CONTEXT)).toMatchObject({ returned: { value: { a: 7 } } });
  expect(renderTemplate('#if($ctx.args.n == 7)#return#end b', CONTEXT)).toMatchObject({ returned: { value: null } });
});

test('the stash goes from template to template, arguments do not change', () => {
  const set = '$util.qr($ctx.stash.put("a", [1]))$util.qr($ctx.args.put("n", 8))$ctx.args.n';
  const first: RenderedTemplate = renderTemplate(set, CONTEXT);
  expect(first.text).toBe('8');
  const second = renderTemplate('$util.qr($ctx.stash.a.add(2))$util.toJson($ctx.stash) $ctx.args.n', {
    ...CONTEXT,
    stash: first.stash,
  });
  expect(second.text).toBe('{"a":[1,2]} 7');
  // The same map, so that what is in it stays one thing however many templates hold it.
  expect(second.stash).toBe(first.stash);
});

test('a name as `__proto__` is a name as any other', () => {
  const context: TemplateContext = { arguments: { text: JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown } };
  expect(render('$util.toJson($ctx.args.text)$ctx.args.text.get("__proto__")', context)).toBe(
    '{"__proto__":1,"constructor":2}1',
  );
  expect(render('$!ctx.args.text.toString', context)).toBe('');
});
