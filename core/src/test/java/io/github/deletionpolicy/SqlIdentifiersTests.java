package io.github.deletionpolicy;

import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SqlIdentifiersTests {

	@ParameterizedTest
	@ValueSource(strings = { "users", "Users", "USERS", "uSeRs", "\"users\"", "  users  ", "\tUSERS\n" })
	void spellingsOfOneNameAreOneName(String text) {
		assertThat(SqlIdentifiers.parse(text)).containsExactly("users");
	}

	@Test
	void quotedNameKeepsItsCase() {
		assertThat(SqlIdentifiers.parse("\"Users\"")).containsExactly("Users");
	}

	@Test
	void doubledQuoteIsAQuote() {
		assertThat(SqlIdentifiers.parse("\"a\"\"b\"")).containsExactly("a\"b");
		assertThat(SqlIdentifiers.parse("\"\"\"\"")).containsExactly("\"");
	}

	@Test
	void dotInsideQuotesSeparatesNothing() {
		assertThat(SqlIdentifiers.parse("\"a.b\"")).containsExactly("a.b");
		assertThat(SqlIdentifiers.parse("\"a.b\".\"c.d\"")).containsExactly("a.b", "c.d");
		assertThat(SqlIdentifiers.parse("A.\"B\".c")).containsExactly("a", "B", "c");
	}

	@Test
	void spacesInsideQuotesBelongToTheName() {
		assertThat(SqlIdentifiers.parse("\" users \"")).containsExactly(" users ");
	}

	@Test
	void onlyAsciiLettersFold() {
		assertThat(SqlIdentifiers.parse("Äpfel")).containsExactly("Äpfel");
		assertThat(SqlIdentifiers.parse("ПОЛЬЗОВАТЕЛИ")).containsExactly("ПОЛЬЗОВАТЕЛИ");
		assertThat(SqlIdentifiers.parse("表_A1$")).containsExactly("表_a1$");
		assertThat(SqlIdentifiers.parse("😀X")).containsExactly("😀x");
	}

	@Test
	void foldingDoesNotDependOnTheLocale() {
		Locale before = Locale.getDefault();
		try {
			Locale.setDefault(Locale.forLanguageTag("tr"));
			assertThat(SqlIdentifiers.parse("INVOICES")).containsExactly("invoices");
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void nameOf63BytesIsTheLongest() {
		assertThat(SqlIdentifiers.parse("x".repeat(63))).containsExactly("x".repeat(63));
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse("x".repeat(64)))
			.withMessageContaining("64 bytes")
			.withMessageContaining("at most 63");
	}

	@Test
	void bytesAreCountedAsUtf8AndAfterUnquoting() {
		assertThat(SqlIdentifiers.parse("ä".repeat(31) + "x")).hasSize(1);
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse("ä".repeat(32)))
			.withMessageContaining("64 bytes");
		assertThat(SqlIdentifiers.parse("\"" + "\"\"".repeat(63) + "\"")).containsExactly("\"".repeat(63));
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse("a.\"" + "😀".repeat(16) + "\""))
			.withMessageContaining("64 bytes");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\"\"", ".", "a.", ".a", "a..b", "a.\"\"", "\"a\"." })
	void partMustNotBeEmpty(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse(text))
			.withMessage("a part is empty");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"", "\"users", "\"a\"\"", "a.\"b" })
	void quoteMustBeClosed(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse(text))
			.withMessage("a quote is not closed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1users", "$users", "a.2b" })
	void unquotedNameBeginsWithALetter(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse(text))
			.withMessageContaining("needs quotes");
	}

	@ParameterizedTest
	@ValueSource(strings = { "users; DROP TABLE users", "users --", "users u", "users/**/", "users'", "(users)",
			"users where 1=1", "\"users\" cascade", "\"users\"x", "users\"x\"", "a . b", "a,b", "u\\\"x", "users\u0000",
			"-users", "+", "U&\"0061\"" })
	void hostileTextIsNoName(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse(text))
			.withMessageStartingWith("unexpected '");
	}

	@Test
	void zeroCharacterIsRefusedInQuotesToo() {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlIdentifiers.parse("\"a\u0000b\""))
			.withMessageContaining("zero character");
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "Users", "a\"b", "\"", "a.b", "x\"; DROP TABLE users; --", "order", "表", " ",
			"1a", "a'b", "\\" })
	void whatIsQuotedReadsBackAsItself(String identifier) {
		assertThat(SqlIdentifiers.parse(SqlIdentifiers.quote(identifier))).containsExactly(identifier);
		assertThat(SqlIdentifiers.parse(SqlIdentifiers.quoteIfNeeded(identifier))).containsExactly(identifier);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`',
			value = { "users,users", "_users,_users", "users_2$,users_2$", "Users,\"Users\"", "1users,\"1users\"",
					"$users,\"$users\"", "a b,\"a b\"", "a.b,\"a.b\"", "a\"b,\"a\"\"b\"", "äpfel,\"äpfel\"" })
	void nameIsQuotedOnlyWhereSqlNeedsIt(String identifier, String shown) {
		assertThat(SqlIdentifiers.quoteIfNeeded(identifier)).isEqualTo(shown);
	}

	@ParameterizedTest
	@ValueSource(strings = { "order", "user", "group", "table", "select", "all", "end", "left", "freeze", "ilike",
			"tablesample", "system_user", "authorization", "collation" })
	void reservedWordIsQuoted(String word) {
		assertThat(SqlIdentifiers.quoteIfNeeded(word)).isEqualTo('"' + word + '"');
	}

	@ParameterizedTest
	@ValueSource(strings = { "name", "orders", "users", "value", "date", "type", "status", "level" })
	void wordThatSqlLetsStandIsNotQuoted(String word) {
		assertThat(SqlIdentifiers.quoteIfNeeded(word)).isEqualTo(word);
	}

	@Test
	void reservedWordCanBeReadUnquoted() {
		assertThat(SqlIdentifiers.parse("ORDER")).isEqualTo(List.of("order"));
	}

}
