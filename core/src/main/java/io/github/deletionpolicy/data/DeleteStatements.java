package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.LinkedHashSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;

/**
 * Finds the tables that a statement removes rows from: by {@code DELETE}, also inside
 * {@code WITH}, by {@code TRUNCATE}, or by a {@code MERGE} that deletes. It reads words,
 * not grammar, and skips comments and texts.
 */
final class DeleteStatements {

	private static final String NAME = "[\\p{L}_][\\p{L}\\p{N}_$]*";

	private static final Pattern TOKENS = Pattern.compile("""
			--[^\\n]*|/\\*.*?\\*/|[eE]'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|(\\$(?:%s)?\\$).*?\\1\
			|(?<token>"(?:[^"]|"")+"|%1$s|\\S)""".formatted(NAME), Pattern.DOTALL);

	private static final Pattern IDENTIFIER = Pattern.compile("\".*\"|" + NAME, Pattern.DOTALL);

	private final List<String> tokens = new ArrayList<>();

	private final Set<TableName> tables = new LinkedHashSet<>();

	private int position;

	private DeleteStatements(String sql) {
		Matcher matcher = TOKENS.matcher(sql);
		while (matcher.find()) {
			String token = matcher.group("token");
			if (token != null) {
				this.tokens.add(token);
			}
		}
	}

	/**
	 * Return the tables that lose rows.
	 * @param sql a statement
	 * @return the tables, as far as they could be read
	 */
	static Set<TableName> tablesOf(String sql) {
		DeleteStatements statements = new DeleteStatements(sql);
		statements.read();
		return statements.tables;
	}

	private void read() {
		while (this.position < this.tokens.size()) {
			if (skip("DELETE") && skip("FROM")) {
				readTable();
			}
			else if (skip("TRUNCATE")) {
				skip("TABLE");
				do {
					readTable();
					skip("*");
				}
				while (skip(","));
			}
			else if (skip("MERGE") && skip("INTO")) {
				int start = this.position;
				if (deletesLater()) {
					readTable();
				}
				this.position = Math.max(start, this.position);
			}
			else {
				this.position++;
			}
		}
	}

	private boolean deletesLater() {
		for (int i = this.position; i < this.tokens.size() - 1; i++) {
			if (this.tokens.get(i).equalsIgnoreCase("THEN") && this.tokens.get(i + 1).equalsIgnoreCase("DELETE")) {
				return true;
			}
		}
		return false;
	}

	private void readTable() {
		skip("ONLY");
		skip("(");
		StringBuilder name = new StringBuilder();
		do {
			if (this.position >= this.tokens.size() || !IDENTIFIER.matcher(this.tokens.get(this.position)).matches()) {
				return;
			}
			name.append((name.length() > 0) ? "." : "").append(this.tokens.get(this.position++));
		}
		while (skip("."));
		skip(")");
		try {
			this.tables.add(TableName.parse(name.toString()));
		}
		catch (UnknownTableException ex) {
			// The database says what is wrong with the name.
		}
	}

	private boolean skip(String word) {
		if (this.position < this.tokens.size()
				&& this.tokens.get(this.position).toUpperCase(Locale.ROOT).equals(word)) {
			this.position++;
			return true;
		}
		return false;
	}

}
