package io.github.deletionpolicy.data;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;

/**
 * Finds the tables that a statement removes rows from: by {@code DELETE}, also inside
 * {@code WITH}, by {@code TRUNCATE}, or by a {@code MERGE} that deletes. It reads words,
 * not grammar, and skips comments and texts.
 */
final class DeleteStatements {

	private static final String WORD = "[\\p{L}_][\\p{L}\\p{N}_$]*";

	private static final String QUOTED = "\"(?:[^\"]|\"\")+\"";

	private static final String NAME = "(?:%1$s|%2$s)(?: \\. (?:%1$s|%2$s))*".formatted(WORD, QUOTED);

	private static final String ITEM = " (?:ONLY )?+(?:%1$s|\\( %1$s \\))(?: \\*)?".formatted(NAME);

	/**
	 * Comments, texts, and as the second group anything else.
	 */
	private static final Pattern TOKEN = Pattern.compile("""
			--[^\\n]*|/\\*.*?\\*/|[eE]'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|(\\$(?:%s)?\\$).*?\\1\
			|(%1$s|%s|\\S)""".formatted(WORD, QUOTED), Pattern.DOTALL);

	/**
	 * In tokens with a space between two: a quoted name, or words that remove rows and as
	 * the first group the tables that lose them.
	 */
	private static final Pattern REMOVAL = Pattern.compile("""
			%s|(?<!\\S)(?:DELETE FROM|TRUNCATE(?: TABLE)?+|MERGE INTO(?=.* THEN DELETE\\b))(%s(?: ,%2$s)*)"""
		.formatted(QUOTED, ITEM), Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

	private static final Pattern TABLE = Pattern.compile("(?:ONLY )?+(?:\\( )?+(%s)".formatted(NAME),
			Pattern.CASE_INSENSITIVE);

	private DeleteStatements() {
	}

	/**
	 * Return the tables that lose rows.
	 * @param sql a statement
	 * @return the tables, as far as they could be read
	 */
	static Set<TableName> tablesOf(String sql) {
		String tokens = groups(TOKEN, sql, 2).collect(Collectors.joining(" "));
		Set<TableName> tables = new LinkedHashSet<>();
		groups(REMOVAL, tokens, 1).flatMap((removed) -> groups(TABLE, removed, 1)).forEach((table) -> {
			try {
				tables.add(TableName.parse(table.replace(" . ", ".")));
			}
			catch (UnknownTableException ex) {
				// The database says what is wrong with the name.
			}
		});
		return tables;
	}

	private static Stream<String> groups(Pattern pattern, String text, int group) {
		return pattern.matcher(text).results().map((match) -> match.group(group)).filter(Objects::nonNull);
	}

}
