package io.github.deletionpolicy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes identifiers as PostgreSQL does.
 *
 * @since 0.1
 */
public final class SqlIdentifiers {

	private static final int MAX_BYTES = 63;

	private static final Pattern PART = Pattern
		.compile("(?<plain>[A-Za-z0-9_$\\x{80}-\\x{10FFFF}]++)|\"(?<quoted>[^\"]*+(?:\"\"[^\"]*+)*+)\"");

	private static final Pattern UPPER_CASE = Pattern.compile("[A-Z]+");

	private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

	/**
	 * The words that PostgreSQL 18 takes as a table or column name only when quoted.
	 */
	private static final Set<String> RESERVED = Set.of("""
			all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate \
			collation column concurrently constraint create cross current_catalog current_date current_role \
			current_schema current_time current_timestamp current_user default deferrable desc distinct do else end \
			except false fetch for foreign freeze from full grant group having ilike in initially inner intersect \
			into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null \
			offset on only or order outer overlaps placing primary references returning right select session_user \
			similar some symmetric system_user table tablesample then to trailing true union unique user using \
			variadic verbose when where window with""".split(" "));

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
		String name = text.strip();
		List<String> parts = new ArrayList<>();
		Matcher part = PART.matcher(name);
		int position = 0;
		do {
			if (!part.region(position, name.length()).lookingAt()) {
				String rest = name.substring(position);
				throw rest.startsWith("\"") ? new IllegalArgumentException("a quote is not closed")
						: (rest.isEmpty() || rest.startsWith(".")) ? empty() : unexpected(rest);
			}
			String plain = part.group("plain");
			parts.add(checked((plain != null) ? folded(plain) : unquoted(part.group("quoted"))));
			if (part.end() < name.length() && name.charAt(part.end()) != '.') {
				throw unexpected(name.substring(part.end()));
			}
			position = part.end() + 1;
		}
		while (position <= name.length());
		return parts;
	}

	private static IllegalArgumentException empty() {
		return new IllegalArgumentException("a part is empty");
	}

	private static IllegalArgumentException unexpected(String rest) {
		return new IllegalArgumentException("unexpected '%s'".formatted(rest));
	}

	private static String folded(String plain) {
		char first = plain.charAt(0);
		String folded = UPPER_CASE.matcher(plain).replaceAll((upper) -> upper.group().toLowerCase(Locale.ROOT));
		if (Character.isDigit(first) || first == '$') {
			throw new IllegalArgumentException("'%s' begins with '%s', so it needs quotes".formatted(folded, first));
		}
		return folded;
	}

	private static String unquoted(String quoted) {
		if (quoted.isEmpty()) {
			throw empty();
		}
		if (quoted.indexOf('\0') >= 0) {
			throw new IllegalArgumentException("it holds a zero character");
		}
		return quoted.replace("\"\"", "\"");
	}

	private static String checked(String identifier) {
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

}
