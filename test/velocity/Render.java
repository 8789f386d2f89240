import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.exception.MethodInvocationException;
import org.apache.velocity.runtime.log.NullLogChute;

/**
 * Renders mapping templates by Apache Velocity: [{"template": text, "context": {...}}] from standard input, to
 * [{"text": ..., "stash": {...}}] or [{"error": {...}}] on standard output. Of AppSync's $util it has what the templates
 * use, on Java's own maps and lists.
 */
public final class Render {
  public static void main(String[] args) throws Exception {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", NullLogChute.class.getName());
    engine.init();
    List<Object> results = new ArrayList<>();
    String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    for (Object one : (List<?>) new Json(input).read()) {
      results.add(render(engine, (Map<?, ?>) one));
    }
    System.out.write(Json.write(results).getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static Map<String, Object> render(VelocityEngine engine, Map<?, ?> one) {
    @SuppressWarnings("unchecked")
    Map<String, Object> context = new LinkedHashMap<>((Map<String, Object>) one.get("context"));
    context.put("args", context.get("arguments"));
    context.putIfAbsent("stash", new LinkedHashMap<String, Object>());
    VelocityContext variables = new VelocityContext();
    variables.put("ctx", context);
    variables.put("util", new Util());
    Map<String, Object> result = new LinkedHashMap<>();
    StringWriter text = new StringWriter();
    try {
      engine.evaluate(variables, text, "template", (String) one.get("template"));
      result.put("text", text.toString());
      result.put("stash", context.get("stash"));
    } catch (MethodInvocationException invoked) {
      if (!(invoked.getCause() instanceof Raised)) {
        throw invoked;
      }
      result.put("error", ((Raised) invoked.getCause()).error);
    }
    return result;
  }

  /** What $util.error throws. */
  public static final class Raised extends RuntimeException {
    final Map<String, Object> error = new LinkedHashMap<>();

    Raised(String message, String type, Object info) {
      error.put("type", type);
      error.put("message", message);
      error.put("info", info);
    }
  }

  /** $util, as far as the templates use it. */
  public static final class Util {
    private final Dynamodb dynamodb = new Dynamodb();
    private final Maps map = new Maps();

    public Dynamodb getDynamodb() {
      return dynamodb;
    }

    public Maps getMap() {
      return map;
    }

    public String toJson(Object value) {
      return Json.write(value);
    }

    public void qr(Object value) {}

    public boolean isNull(Object value) {
      return value == null;
    }

    public boolean isNullOrEmpty(String value) {
      return value == null || value.isEmpty();
    }

    public Object defaultIfNull(Object value, Object other) {
      return value == null ? other : value;
    }

    public boolean matches(String pattern, String value) {
      return Pattern.compile(pattern).matcher(value).find();
    }

    public void error(String message, String type) {
      throw new Raised(message, type, null);
    }

    public void error(String message, String type, Object data, Object info) {
      throw new Raised(message, type, info);
    }

    public void unauthorized() {
      throw new Raised("Not Authorized", "Unauthorized", null);
    }
  }

  /** $util.map. */
  public static final class Maps {
    public Map<Object, Object> copyAndRemoveAllKeys(Map<?, ?> values, List<?> keys) {
      Map<Object, Object> copy = new LinkedHashMap<>(values);
      copy.keySet().removeAll(keys);
      return copy;
    }
  }

  /** $util.dynamodb. */
  public static final class Dynamodb {
    public String toDynamoDBJson(Object value) {
      return Json.write(typed(value));
    }

    private static Map<String, Object> typed(Object value) {
      Map<String, Object> typed = new LinkedHashMap<>();
      if (value instanceof String) {
        typed.put("S", value);
      } else if (value instanceof Number) {
        typed.put("N", value);
      } else {
        throw new IllegalArgumentException("no text and no number: " + value);
      }
      return typed;
    }
  }

  /** JSON as Java's own maps, lists, texts and numbers. */
  static final class Json {
    private final String text;
    private int at;

    Json(String text) {
      this.text = text;
    }

    Object read() {
      skip();
      char next = text.charAt(at);
      switch (next) {
        case '{':
          return object();
        case '[':
          return array();
        case '"':
          return string();
        default:
          return literal();
      }
    }

    private void skip() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private boolean ends(char end) {
      skip();
      if (text.charAt(at) == end) {
        at++;
        return true;
      }
      if (text.charAt(at) == ',') {
        at++;
        skip();
      }
      return false;
    }

    private Map<String, Object> object() {
      Map<String, Object> members = new LinkedHashMap<>();
      at++;
      while (!ends('}')) {
        String name = string();
        skip();
        at++;
        members.put(name, read());
      }
      return members;
    }

    private List<Object> array() {
      List<Object> items = new ArrayList<>();
      at++;
      while (!ends(']')) {
        items.add(read());
      }
      return items;
    }

    private String string() {
      StringBuilder value = new StringBuilder();
      at++;
      while (text.charAt(at) != '"') {
        char next = text.charAt(at++);
        if (next != '\\') {
          value.append(next);
          continue;
        }
        char escaped = text.charAt(at++);
        if (escaped == 'u') {
          value.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
          at += 4;
        } else {
          int known = "bfnrt".indexOf(escaped);
          value.append(known < 0 ? escaped : "\b\f\n\r\t".charAt(known));
        }
      }
      at++;
      return value.toString();
    }

    private Object literal() {
      int from = at;
      while (at < text.length() && "+-.".indexOf(text.charAt(at)) + 1 + (Character.isLetterOrDigit(text.charAt(at)) ? 1 : 0) > 0) {
        at++;
      }
      String word = text.substring(from, at);
      switch (word) {
        case "null":
          return null;
        case "true":
          return Boolean.TRUE;
        case "false":
          return Boolean.FALSE;
        default:
          return number(word);
      }
    }

    private static Object number(String word) {
      if (word.matches("-?\\d+")) {
        long value = Long.parseLong(word);
        return value == (int) value ? (Object) (int) value : (Object) value;
      }
      return Double.valueOf(word);
    }

    static String write(Object value) {
      StringBuilder out = new StringBuilder();
      write(value, out);
      return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
      if (value instanceof Map) {
        out.append('{');
        String between = "";
        for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
          out.append(between);
          quote(String.valueOf(member.getKey()), out);
          out.append(':');
          write(member.getValue(), out);
          between = ",";
        }
        out.append('}');
      } else if (value instanceof List) {
        out.append('[');
        String between = "";
        for (Object item : (List<?>) value) {
          out.append(between);
          write(item, out);
          between = ",";
        }
        out.append(']');
      } else if (value instanceof String) {
        quote((String) value, out);
      } else {
        out.append(value);
      }
    }

    private static void quote(String value, StringBuilder out) {
      out.append('"');
      for (char next : value.toCharArray()) {
        if (next == '"' || next == '\\') {
          out.append('\\').append(next);
        } else if (next < ' ' || next > '~') {
          out.append(String.format("\\u%04x", (int) next));
        } else {
          out.append(next);
        }
      }
      out.append('"');
    }
  }
}
