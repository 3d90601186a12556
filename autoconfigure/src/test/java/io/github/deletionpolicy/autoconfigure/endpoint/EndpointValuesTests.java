package io.github.deletionpolicy.autoconfigure.endpoint;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;

import static org.assertj.core.api.Assertions.assertThat;

class EndpointValuesTests {

	private static final String MASKED = "******";

	private final EndpointValues values = new EndpointValues(List.of());

	@ParameterizedTest
	@ValueSource(strings = { "the hold condition keeps the row", "locked by another transaction",
			"a live row of public.orders depends on it", "the hold condition of public.orders keeps a dependent row",
			"rows of public.orders refer to its dependants (foreign key orders_user)",
			"Rows of public.orders are still there after the DELETE; does a trigger or rule on the table prevent it?",
			"Others have locked rows of public.users.", "The operation was restored.",
			"Rows of public.users are still there after the statement that was to delete them; does a trigger or rule on the table prevent it?",
			"The primary key of table public.users was (a) when the delete was accepted and is (b, c) now. Delete the remaining rows with a new call.",
			"There is no table users in schema public.", "Table public.users has no column 'size'.",
			"ERROR: canceling statement due to lock timeout", "ERROR: permission denied for table users" })
	void messagesOfNamesAreShown(String message) {
		assertThat(this.values.error("public.users", message, false)).isEqualTo(message);
	}

	@Test
	void theKeyIsCutOffFromTheMessageOfAForeignKey() {
		String message = "ERROR: update or delete on table \"users\" violates foreign key constraint \"orders_user\" on table \"orders\"";
		String detail = "   Detail: Key (email)=(jane@example.org) is still referenced from table \"orders\".";
		assertThat(this.values.error("public.users", message + detail, false)).isEqualTo(message);
		assertThat(this.values.error("public.users", message + detail, true)).isEqualTo(message + detail);
	}

	@Test
	void whatFollowsNamesIsCutOff() {
		assertThat(
				this.values.error("public.users", "Table public.users has no column 'size'. It has: id, name.", false))
			.isEqualTo("Table public.users has no column 'size'.");
		assertThat(this.values.error("public.users", "ERROR: column t.size does not exist   Position: 42", false))
			.isEqualTo("ERROR: column t.size does not exist");
	}

	@ParameterizedTest
	@ValueSource(strings = { "A purge listener failed: jane@example.org",
			"Others have locked rows of public.users. jane@example.org", "ERROR: customer Jane Doe must stay",
			"ERROR: duplicate key value violates unique constraint \"x\" Detail: Key (email)=(jane@example.org) already exists.",
			"the hold condition keeps the row of Jane", "listener: jane@example.org",
			"ERROR: invalid input syntax for type bigint: \"jane\"" })
	void messagesThatMayQuoteValuesAreMasked(String message) {
		assertThat(this.values.error("public.users", message, false)).isEqualTo(MASKED);
	}

	@Test
	void aConflictKeepsItsColumnsAndLosesItsValues() {
		String message = "Rows of public.users cannot be restored. Key (email)=(jane(1)@example.org) already exists. Change it.";
		assertThat(this.values.conflict(message, false))
			.isEqualTo("Rows of public.users cannot be restored. Key (email)=(******) already exists. Change it.");
		assertThat(this.values.conflict(message, true)).isEqualTo(message);
	}

	@Test
	void aConflictLosesTheRowThatFailsACheck() {
		String message = "Rows of public.users cannot be restored. Failing row contains (1, jane@example.org, (x)). Change it.";
		assertThat(this.values.conflict(message, false))
			.isEqualTo("Rows of public.users cannot be restored. Failing row contains (******). Change it.");
	}

	@Test
	void keysAreMaskedByColumn() {
		assertThat(this.values.key("public.users", List.of("tenant", "id"), List.of("acme", "7"), false))
			.isEqualTo(Map.of("tenant", MASKED, "id", MASKED));
		EndpointValues sanitizing = new EndpointValues(
				List.of(SanitizingFunction.sanitizeValue().ifKeyEquals("public.users.tenant")));
		assertThat(sanitizing.key("public.users", List.of("tenant", "id"), List.of("acme", "7"), true))
			.isEqualTo(Map.of("tenant", MASKED, "id", "7"));
	}

	@Test
	void reasonsAreMasked() {
		assertThat(this.values.reason("public.users", "Jane asked", false)).isEqualTo(MASKED);
		assertThat(this.values.reason("public.users", "Jane asked", true)).isEqualTo("Jane asked");
		assertThat(this.values.reason("public.users", null, true)).isNull();
	}

}
