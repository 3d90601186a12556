package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A simple SELECT as {@code pg_get_viewdef} spells it: keywords in capitals, operators in
 * parentheses.
 *
 * @param from what stands behind FROM
 * @param where the condition; {@code null} if there is none
 * @param rest what follows, such as ORDER BY; may be empty
 */
record ViewDefinition(String from, @Nullable String where, String rest) {

	private static final Set<String> CLAUSES = Set.of("FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION",
			"INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR");

	private static final String IDENTIFIER = "(?:\"(?:[^\"]|\"\")+\"|[^\\s\".,()]+)";

	private static final Pattern RELATION = Pattern.compile("(?:ONLY )?(%1$s(?:\\.%1$s)?)".formatted(IDENTIFIER));

	/**
	 * Read a definition.
	 * @param definition the text
	 * @return its parts; {@code null} if it selects from nothing
	 */
	static @Nullable ViewDefinition parse(String definition) {
		String text = definition.strip();
		text = text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
		Map<String, Integer> starts = new LinkedHashMap<>();
		for (Word word : words(text)) {
			if (CLAUSES.contains(word.text()) && (word.text().equals("FROM") || starts.containsKey("FROM"))) {
				starts.putIfAbsent(word.text(), word.start());
			}
		}
		Integer from = starts.remove("FROM");
		if (from == null) {
			return null;
		}
		Integer where = starts.remove("WHERE");
		int end = starts.values().stream().mapToInt(Integer::intValue).min().orElse(text.length());
		String source = text.substring(from + "FROM".length(), (where != null) ? where : end).strip();
		String condition = (where != null) ? text.substring(where + "WHERE".length(), end).strip() : null;
		return new ViewDefinition(source, condition, text.substring(end).strip());
	}

	/**
	 * Return the first relation that it selects from.
	 * @return the name as written; {@code null} if that is no name
	 */
	@Nullable String relation() {
		Matcher relation = RELATION.matcher(this.from);
		return relation.lookingAt() ? relation.group(1) : null;
	}

	/**
	 * Return whether every row must have a column that is null, whatever else is
	 * required.
	 * @param column the column
	 * @return whether {@code column IS NULL} is one of the conditions that AND joins
	 */
	boolean requiresNull(String column) {
		return this.where != null && requiresNull(this.where, column);
	}

	/**
	 * Return whether a condition holds only where a column is null.
	 * @param condition the condition, as the catalog spells it
	 * @param column the column
	 * @return whether {@code column IS NULL} is one of the conditions that AND joins
	 */
	static boolean requiresNull(String condition, String column) {
		return conjuncts(condition).stream().anyMatch((it) -> isNull(it, column));
	}

	/**
	 * Return whether something else is required of every row, too.
	 * @param column the column that has to be null
	 * @return whether it is one of several conditions that AND joins
	 */
	boolean hidesLiveRows(String column) {
		return this.where != null && requiresNull(column) && conjuncts(this.where).size() > 1;
	}

	/**
	 * Return the definition from FROM on, with a column that must be null.
	 * @param table the table that it selects from
	 * @param column the column
	 * @return the text
	 */
	String requiringNull(TableName table, String column) {
		Matcher relation = RELATION.matcher(this.from);
		String source = relation.lookingAt()
				? new StringBuilder(this.from).replace(relation.start(1), relation.end(1), table.toString()).toString()
				: table.toString();
		String condition = SqlIdentifiers.quoteIfNeeded(column) + " IS NULL";
		if (this.where != null) {
			condition = requiresNull(column) ? withoutParentheses(this.where) : condition + " AND " + this.where;
		}
		return "FROM %s WHERE %s %s".formatted(source, condition, this.rest).strip();
	}

	private static boolean isNull(String condition, String column) {
		String suffix = " IS NULL";
		if (!condition.endsWith(suffix)) {
			return false;
		}
		try {
			List<String> parts = SqlIdentifiers
				.parse(condition.substring(0, condition.length() - suffix.length()).strip());
			return parts.get(parts.size() - 1).equals(column);
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private static List<String> conjuncts(String condition) {
		String text = withoutParentheses(condition);
		List<Word> words = words(text);
		if (words.stream().anyMatch((word) -> word.text().equals("OR"))) {
			return List.of();
		}
		List<String> conjuncts = new ArrayList<>();
		int start = 0;
		for (Word word : words) {
			if (word.text().equals("AND")) {
				conjuncts.addAll(conjuncts(text.substring(start, word.start())));
				start = word.start() + word.text().length();
			}
		}
		return (start == 0) ? List.of(text) : addLast(conjuncts, conjuncts(text.substring(start)));
	}

	private static List<String> addLast(List<String> conjuncts, List<String> last) {
		conjuncts.addAll(last);
		return conjuncts;
	}

	private static String withoutParentheses(String condition) {
		String text = condition.strip();
		while (text.startsWith("(") && closing(text) == text.length() - 1) {
			text = text.substring(1, text.length() - 1).strip();
		}
		return text;
	}

	private static int closing(String text) {
		int depth = 0;
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '"' || character == '\'') {
				i = endOfQuoted(text, i);
			}
			else if (character == '(') {
				depth++;
			}
			else if (character == ')' && --depth == 0) {
				return i;
			}
		}
		return -1;
	}

	/**
	 * The words outside of quotes and parentheses.
	 */
	private static List<Word> words(String text) {
		List<Word> words = new ArrayList<>();
		int depth = 0;
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '"' || character == '\'') {
				i = endOfQuoted(text, i);
			}
			else if (character == '(' || character == '[') {
				depth++;
			}
			else if (character == ')' || character == ']') {
				depth--;
			}
			else if (isPart(character)) {
				int start = i;
				while (i + 1 < text.length() && isPart(text.charAt(i + 1))) {
					i++;
				}
				if (depth == 0) {
					words.add(new Word(text.substring(start, i + 1), start));
				}
			}
		}
		return words;
	}

	/**
	 * A doubled quote ends one part and begins the next. In an escape string PostgreSQL
	 * spells a quote by doubling it, too.
	 */
	private static int endOfQuoted(String text, int start) {
		int end = text.indexOf(text.charAt(start), start + 1);
		return (end < 0) ? text.length() - 1 : end;
	}

	private static boolean isPart(char character) {
		return Character.isLetterOrDigit(character) || character == '_' || character == '$';
	}

	private record Word(String text, int start) {
	}

}
