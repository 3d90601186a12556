package io.github.deletionpolicy.data;

import java.util.List;

import io.github.deletionpolicy.TableName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class DeleteStatementsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			DELETE FROM users                                          | users
			delete from Users u where u.id = :id                       | users
			DELETE FROM ONLY crm.users WHERE id = :id                  | crm.users
			DELETE\tFROM "Odd ""Name" USING x WHERE true               | "Odd ""Name"
			DELETE FROM crm . "Users"                                  | crm."Users"
			DELETE /* all */ FROM -- really                            |
			WITH gone AS (DELETE FROM users RETURNING *) SELECT 1      | users
			WITH a AS (SELECT 1) DELETE FROM users WHERE id IN (a)     | users
			INSERT INTO users VALUES (1); DELETE FROM notes            | notes
			TRUNCATE users                                             | users
			TRUNCATE TABLE ONLY users RESTART IDENTITY                 | users
			MERGE INTO users u USING x ON true WHEN MATCHED THEN DELETE | users
			DELETE FROM ONLY (users)                                   | users
			DELETE FROM :#{#table}                                     |
			DELETE                                                     |
			""")
	void theTableThatLosesRowsIsFound(String sql, String table) {
		assertThat(DeleteStatements.tablesOf(sql)).extracting(TableName::toString)
			.containsExactlyElementsOf((table != null) ? List.of(table) : List.of());
	}

	@Test
	void severalTablesAreFound() {
		assertThat(DeleteStatements.tablesOf("TRUNCATE TABLE users *, crm.notes, \"X\" CASCADE"))
			.extracting(TableName::toString)
			.containsExactly("users", "crm.notes", "\"X\"");
		assertThat(DeleteStatements
			.tablesOf("WITH a AS (DELETE FROM users RETURNING id) DELETE FROM notes WHERE id IN (TABLE a)"))
			.extracting(TableName::toString)
			.containsExactly("users", "notes");
	}

	@Test
	void aLineCommentEndsWithItsLine() {
		assertThat(DeleteStatements.tablesOf("DELETE -- x\nFROM users")).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT * FROM users", "UPDATE users SET deleted = true", "SELECT 'DELETE FROM users'",
			"SELECT E'\\'; DELETE FROM users'", "SELECT $$DELETE FROM users$$", "SELECT $a$ $$ DELETE FROM users $a$",
			"-- DELETE FROM users", "/* DELETE FROM\nusers */ SELECT 1", "SELECT 'it''s; DELETE FROM users'",
			"SELECT \"DELETE FROM users\" FROM x", "INSERT INTO x SELECT * FROM users ON CONFLICT DO NOTHING",
			"MERGE INTO users u USING x ON true WHEN MATCHED THEN UPDATE SET a = 1", "SELECT deletefrom FROM users" })
	void nothingElseIsTakenForADelete(String sql) {
		assertThat(DeleteStatements.tablesOf(sql)).isEmpty();
	}

}
