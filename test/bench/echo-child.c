/*
 * A newline-delimited JSON MCP server with two tools, cheap enough that the bridge in front of it is what is
 * measured. One read(), all complete lines, one write().
 *
 *   echo {text}  gives the text back      blob {size}  gives `size` times the letter x
 *
 * It trusts its input: it is fed by the benchmark only.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_ABOVE (1 << 20)

static char *in, *out;
static size_t in_capacity = 1 << 16, in_length = 0;
static size_t out_capacity = 1 << 16, out_length = 0;

typedef struct {
  const char *start;
  size_t length;
} slice;

static void reserve(size_t n) {
  if (out_length + n <= out_capacity) return;
  while (out_length + n > out_capacity) out_capacity *= 2;
  out = realloc(out, out_capacity);
}

static void put(const char *bytes, size_t n) {
  reserve(n);
  memcpy(out + out_length, bytes, n);
  out_length += n;
}

#define PUT_LITERAL(text) put(text, sizeof(text) - 1)

static void flush(void) {
  size_t done = 0;
  while (done < out_length) {
    ssize_t n = write(STDOUT_FILENO, out + done, out_length - done);
    if (n <= 0) exit(0);
    done += n;
  }
  out_length = 0;
}

/* `p` is behind an opening quote; gives the closing one. */
static const char *string_end(const char *p, const char *end) {
  while (p < end && *p != '"') p += *p == '\\' ? 2 : 1;
  return p;
}

static const char *skip_space(const char *p, const char *end) {
  while (p < end && isspace((unsigned char)*p)) p++;
  return p;
}

static const char *value_end(const char *p, const char *end) {
  int depth = 0;
  while (p < end) {
    if (*p == '"') {
      p = string_end(p + 1, end) + 1;
      if (depth == 0) break;
      continue;
    }
    if (*p == '{' || *p == '[') depth++;
    else if (*p == '}' || *p == ']') {
      if (depth == 0) break;
      depth--;
      if (depth == 0) return p + 1;
    } else if (*p == ',' && depth == 0) break;
    p++;
  }
  return p;
}

/* The raw value of a member of the object in `json`, not of objects within it. */
static slice member(slice json, const char *key) {
  size_t key_length = strlen(key);
  const char *p = json.start, *end = json.start + json.length;
  int depth = 0;
  while (p < end) {
    if (*p == '"') {
      const char *name = p + 1;
      p = string_end(name, end);
      size_t n = p - name;
      p++;
      if (depth != 1) continue;
      const char *colon = skip_space(p, end);
      if (colon >= end || *colon != ':') continue;
      const char *value = skip_space(colon + 1, end);
      p = value_end(value, end);
      if (n == key_length && memcmp(name, key, n) == 0) return (slice){value, (size_t)(p - value)};
      continue;
    }
    if (*p == '{' || *p == '[') depth++;
    else if (*p == '}' || *p == ']') depth--;
    p++;
  }
  return (slice){0, 0};
}

static int equals(slice value, const char *text) {
  return value.length == strlen(text) && memcmp(value.start, text, value.length) == 0;
}

static void begin_answer(slice id) {
  PUT_LITERAL("{\"jsonrpc\":\"2.0\",\"id\":");
  put(id.start, id.length);
}

static void answer_call(slice params) {
  slice name = member(params, "name"), arguments = member(params, "arguments");
  PUT_LITERAL(",\"result\":{\"content\":[{\"type\":\"text\",\"text\":");
  if (equals(name, "\"blob\"")) {
    slice size = member(arguments, "size");
    size_t n = strtoul(size.start, 0, 10);
    PUT_LITERAL("\"");
    reserve(n);
    memset(out + out_length, 'x', n);
    out_length += n;
    PUT_LITERAL("\"");
  } else {
    slice text = member(arguments, "text");
    if (text.start) put(text.start, text.length);
    else PUT_LITERAL("\"\"");
  }
  PUT_LITERAL("}]}}\n");
}

static void answer_line(const char *start, const char *end) {
  slice message = {start, (size_t)(end - start)};
  slice id = member(message, "id"), method = member(message, "method"), params = member(message, "params");
  if (!id.start || !method.start) return;
  begin_answer(id);
  if (equals(method, "\"tools/call\"")) {
    answer_call(params);
  } else if (equals(method, "\"initialize\"")) {
    slice version = member(params, "protocolVersion");
    PUT_LITERAL(",\"result\":{\"protocolVersion\":");
    put(version.start, version.length);
    PUT_LITERAL(",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"echo-c\",\"version\":\"1\"}}}\n");
  } else if (equals(method, "\"tools/list\"")) {
    PUT_LITERAL(",\"result\":{\"tools\":["
                "{\"name\":\"echo\",\"description\":\"echo\",\"inputSchema\":"
                "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}}}},"
                "{\"name\":\"blob\",\"description\":\"blob\",\"inputSchema\":"
                "{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"number\"}}}}]}}\n");
  } else if (equals(method, "\"ping\"")) {
    PUT_LITERAL(",\"result\":{}}\n");
  } else {
    PUT_LITERAL(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n");
  }
}

int main(void) {
  in = malloc(in_capacity);
  out = malloc(out_capacity);
  for (;;) {
    if (in_length == in_capacity) {
      in_capacity *= 2;
      in = realloc(in, in_capacity);
    }
    ssize_t n = read(STDIN_FILENO, in + in_length, in_capacity - in_length);
    if (n <= 0) break;
    in_length += n;
    char *line = in, *end = in + in_length, *newline;
    while ((newline = memchr(line, '\n', end - line))) {
      answer_line(line, newline);
      line = newline + 1;
      if (out_length > FLUSH_ABOVE) flush();
    }
    flush();
    in_length = end - line;
    memmove(in, line, in_length);
  }
  return 0;
}
