package io.github.deletionpolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.InvalidDataAccessApiUsageException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TableNameTests {

	@ParameterizedTest
	@ValueSource(strings = { "billing.invoices", "Billing.INVOICES", "\"billing\".invoices", " billing.\"invoices\" " })
	void spellingsOfOneTableAreEqual(String text) {
		TableName table = TableName.parse(text);
		assertThat(table).isEqualTo(new TableName("billing", "invoices")).hasToString("billing.invoices");
		assertThat(table.toSql()).isEqualTo("\"billing\".\"invoices\"");
	}

	@Test
	void nameWithoutASchemaHasNone() {
		TableName table = TableName.parse("Users");
		assertThat(table).isEqualTo(new TableName(null, "users")).hasToString("users");
		assertThat(table.toSql()).isEqualTo("\"users\"");
	}

	@Test
	void dotInsideQuotesIsPartOfTheName() {
		TableName table = TableName.parse("\"billing.invoices\"");
		assertThat(table).isEqualTo(new TableName(null, "billing.invoices")).hasToString("\"billing.invoices\"");
		assertThat(table).isNotEqualTo(TableName.parse("billing.invoices"));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', value = { "users,users", "Sales.Order,sales.\"order\"",
			"\"User\".\"user\",\"User\".\"user\"", "\"a\"\"b\".c,\"a\"\"b\".c", "\"öl\",\"öl\"" })
	void textFormQuotesOnlyWhereSqlNeedsIt(String written, String shown) {
		TableName table = TableName.parse(written);
		assertThat(table).hasToString(shown);
		assertThat(TableName.parse(shown)).isEqualTo(table);
	}

	@Test
	void hostileNameStaysOneIdentifierInSql() {
		TableName table = TableName.parse("public.\"x\"\"; DROP TABLE users; --\"");
		assertThat(table.name()).isEqualTo("x\"; DROP TABLE users; --");
		assertThat(table.toSql()).isEqualTo("\"public\".\"x\"\"; DROP TABLE users; --\"");
	}

	@Test
	void namesOfThreePartsAreRefused() {
		assertThatExceptionOfType(UnknownTableException.class)
			.isThrownBy(() -> TableName.parse("shop.billing.invoices"))
			.withMessageContaining("'shop.billing.invoices' has 3 parts")
			.withMessageContaining("Write table or schema.table");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "users; DROP TABLE users", "a..b", "\"users", "1st", "users u" })
	void textThatIsNoNameIsRefusedWithWhatToWrite(String text) {
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> TableName.parse(text))
			.withMessageStartingWith("'" + text + "' is not a valid table name: ")
			.withMessageEndingWith("Write table or schema.table, as in SQL.");
	}

	@Test
	void refusalIsAMisuseOfTheApi() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class).isThrownBy(() -> TableName.parse(""));
	}

	@Test
	void nameLongerThanTheDatabaseKeepsIsRefusedInsteadOfCut() {
		String name = "t".repeat(64);
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> TableName.parse("public." + name))
			.withMessageContaining("64 bytes");
	}

	@Test
	void unqualifiedNameMayMeanTheTableOfAnySchema() {
		TableName users = new TableName(null, "users");
		TableName shopUsers = new TableName("shop", "users");
		assertThat(users.mayMean(shopUsers)).isTrue();
		assertThat(shopUsers.mayMean(users)).isTrue();
		assertThat(shopUsers.mayMean(shopUsers)).isTrue();
		assertThat(shopUsers.mayMean(new TableName("crm", "users"))).isFalse();
		assertThat(users.mayMean(new TableName("shop", "Users"))).isFalse();
	}

}
