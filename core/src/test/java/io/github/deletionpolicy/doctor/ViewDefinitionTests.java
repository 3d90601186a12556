package io.github.deletionpolicy.doctor;

import java.util.Objects;

import io.github.deletionpolicy.TableName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ViewDefinitionTests {

	@ParameterizedTest
	@ValueSource(strings = { "(deletion_time IS NULL)", "(users.deletion_time IS NULL)", "deletion_time IS NULL",
			"((deletion_time IS NULL) AND (tenant = 1))", "(((a = 1) AND (deletion_time IS NULL)) AND (b = ')'::text))",
			"((a = 'x AND y) OR ('::text) AND (deletion_time IS NULL))",
			"((\"deletion_time\" IS NULL) AND ((a = 1) OR (b = 2)))",
			"((note <> 'it''s (gone'::text) AND (\"a)\"\"b\" = 1) AND (u.deletion_time IS NULL))" })
	void conditionThatHidesDeletedRowsIsFound(String where) {
		assertThat(definition(where).requiresNull("deletion_time")).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "((deletion_time IS NULL) OR (tenant = 1))", "(deletion_time IS NOT NULL)",
			"(deleted_at IS NULL)", "(NOT (deletion_time IS NULL))", "(\"Deletion_Time\" IS NULL)",
			"((a = 1) AND ((deletion_time IS NULL) OR (b = 2)))", "(note = 'deletion_time IS NULL'::text)",
			"((deletion_time IS NULL) = false)", "(COALESCE(deletion_time, now()) IS NULL)" })
	void conditionThatLetsDeletedRowsThroughIsNoneThatHidesThem(String where) {
		assertThat(definition(where).requiresNull("deletion_time")).isFalse();
	}

	@Test
	void partsAreTold() {
		ViewDefinition definition = parse("""
				SELECT id,
				   EXTRACT(year FROM born) AS "FROM",
				   'x FROM y WHERE z'::text AS note
				  FROM ONLY "My Schema"."users" u
				 WHERE (deletion_time IS NULL)
				 ORDER BY id;""");
		assertThat(definition)
			.isEqualTo(new ViewDefinition("ONLY \"My Schema\".\"users\" u", "(deletion_time IS NULL)", "ORDER BY id"));
		assertThat(definition.relation()).isEqualTo("\"My Schema\".\"users\"");
		assertThat(definition.requiringNull(new TableName("s", "users"), "deletion_time"))
			.isEqualTo("FROM ONLY s.users u WHERE deletion_time IS NULL ORDER BY id");
	}

	@Test
	void whatElseIsRequiredStays() {
		assertThat(definition("((a = 1) OR (b = 2))").requiringNull(new TableName("s", "users"), "deletedAt"))
			.isEqualTo("FROM s.users WHERE \"deletedAt\" IS NULL AND ((a = 1) OR (b = 2))");
		assertThat(parse(" SELECT id\n   FROM users;").requiringNull(new TableName("s", "users"), "gone"))
			.isEqualTo("FROM s.users WHERE gone IS NULL");
	}

	@Test
	void selectFromNothingIsNone() {
		assertThat(ViewDefinition.parse(" SELECT 1 AS id;")).isNull();
	}

	@Test
	void joinBeginsWithARelation() {
		assertThat(parse(" SELECT u.id\n   FROM users u\n     JOIN b ON (u.id = b.id);").relation()).isEqualTo("users");
		assertThat(parse(" SELECT u.id\n   FROM (users u\n     JOIN b ON ((u.id = b.id)));").relation()).isNull();
	}

	private static ViewDefinition definition(String where) {
		return parse(" SELECT id,\n    deletion_time\n   FROM users\n  WHERE %s;".formatted(where));
	}

	private static ViewDefinition parse(String text) {
		return Objects.requireNonNull(ViewDefinition.parse(text));
	}

}
