package io.github.deletionpolicy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads and writes identifiers as PostgreSQL does.
 *
 * @since 0.1
 */
public final class SqlIdentifiers {

	private static final int MAX_BYTES = 63;

	private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

	/**
	 * The words that PostgreSQL 18 takes as a table or column name only when quoted.
	 */
	private static final Set<String> RESERVED = Set.of("all", "analyse", "analyze", "and", "any", "array", "as", "asc",
			"asymmetric", "authorization", "binary", "both", "case", "cast", "check", "collate", "collation", "column",
			"concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
			"current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc",
			"distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full",
			"grant", "group", "having", "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull",
			"join", "lateral", "leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "not",
			"notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary",
			"references", "returning", "right", "select", "session_user", "similar", "some", "symmetric", "system_user",
			"table", "tablesample", "then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic",
			"verbose", "when", "where", "window", "with");

	private SqlIdentifiers() {
	}

	/**
	 * Return whether a text holds half of a pair of surrogates. That is no character, and
	 * on its way to the database it would become a question mark, which may be somebody
	 * else's name or value.
	 * @param text the text
	 * @return whether there is half a character in it
	 */
	public static boolean hasHalfCharacter(String text) {
		return text.codePoints()
			.anyMatch((point) -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
	}

	/**
	 * Quote an identifier.
	 * @param identifier the identifier as the catalog spells it
	 * @return the quoted identifier
	 */
	public static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

	/**
	 * Quote an identifier if it would mean something else without.
	 * @param identifier the identifier as the catalog spells it
	 * @return the shortest spelling that SQL reads as this identifier
	 */
	public static String quoteIfNeeded(String identifier) {
		return (PLAIN.matcher(identifier).matches() && !RESERVED.contains(identifier)) ? identifier : quote(identifier);
	}

	/**
	 * Read a dotted name.
	 * @param text the name as written in SQL
	 * @return its parts as the catalog spells them
	 * @throws IllegalArgumentException if the text is no such name; its message ends a
	 * sentence
	 */
	public static List<String> parse(String text) {
		List<String> parts = new ArrayList<>();
		Reader reader = new Reader(text);
		do {
			parts.add(reader.identifier());
		}
		while (reader.dot());
		return parts;
	}

	private static final class Reader {

		private final String text;

		private int position;

		Reader(String text) {
			this.text = text.strip();
		}

		String identifier() {
			if (this.position == this.text.length()) {
				throw new IllegalArgumentException("a part is empty");
			}
			String identifier = (this.text.charAt(this.position) == '"') ? quoted() : unquoted();
			if (hasHalfCharacter(identifier)) {
				throw new IllegalArgumentException("it holds half a character (an unpaired surrogate)");
			}
			int bytes = identifier.getBytes(StandardCharsets.UTF_8).length;
			if (bytes > MAX_BYTES) {
				throw new IllegalArgumentException(
						"'%s' has %d bytes, and an identifier has at most %d".formatted(identifier, bytes, MAX_BYTES));
			}
			return identifier;
		}

		boolean dot() {
			if (this.position == this.text.length()) {
				return false;
			}
			if (this.text.charAt(this.position) != '.') {
				throw new IllegalArgumentException("unexpected '%s'".formatted(this.text.substring(this.position)));
			}
			this.position++;
			return true;
		}

		private String unquoted() {
			StringBuilder identifier = new StringBuilder();
			while (this.position < this.text.length() && isPart(this.text.charAt(this.position))) {
				identifier.append(fold(this.text.charAt(this.position++)));
			}
			if (identifier.isEmpty()) {
				throw new IllegalArgumentException((this.text.charAt(this.position) == '.') ? "a part is empty"
						: "unexpected '%s'".formatted(this.text.substring(this.position)));
			}
			char first = identifier.charAt(0);
			if (Character.isDigit(first) || first == '$') {
				throw new IllegalArgumentException(
						"'%s' begins with '%s', so it needs quotes".formatted(identifier, first));
			}
			return identifier.toString();
		}

		private String quoted() {
			StringBuilder identifier = new StringBuilder();
			this.position++;
			while (true) {
				if (this.position == this.text.length()) {
					throw new IllegalArgumentException("a quote is not closed");
				}
				char character = this.text.charAt(this.position++);
				if (character == '"') {
					boolean doubled = this.position < this.text.length() && this.text.charAt(this.position) == '"';
					if (!doubled) {
						break;
					}
					this.position++;
				}
				if (character == 0) {
					throw new IllegalArgumentException("it holds a zero character");
				}
				identifier.append(character);
			}
			if (identifier.isEmpty()) {
				throw new IllegalArgumentException("a part is empty");
			}
			return identifier.toString();
		}

		private static boolean isPart(char character) {
			return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
					|| (character >= '0' && character <= '9') || character == '_' || character == '$'
					|| character > 0x7f;
		}

		private static char fold(char character) {
			return (character >= 'A' && character <= 'Z') ? (char) (character + ('a' - 'A')) : character;
		}

	}

}
