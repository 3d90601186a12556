package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every SQL block of the documentation runs. The blocks of a page run in the order in
 * which they stand, in a transaction that is rolled back, on the tables of
 * {@code documentation/tables.sql}; or else on those after
 * {@code documentation/columns.sql}, for pages about tables that have their columns.
 */
class DocumentedSqlIT {

	private static final Path PRELUDE = Path.of("src", "test", "resources", "documentation");

	private static final Path RECORD = Path.of("../core/src/main/resources/io/github/deletionpolicy/ledger/postgresql");

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void tables() throws IOException, SQLException {
		try (Connection connection = this.database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				Stream<Path> scripts = Files.list(RECORD)) {
			for (Path script : scripts.filter((path) -> path.toString().endsWith(".sql")).sorted().toList()) {
				statement.execute(Files.readString(script));
			}
			statement.execute(Files.readString(PRELUDE.resolve("tables.sql")));
		}
	}

	@Test
	void everySqlBlockRuns() {
		assertThat(Page.all()).flatMap(this::problems).isEmpty();
	}

	@Test
	void sqlThatDoesNotRunIsFound() {
		assertThat(problems(page("SELECT deletion_time FROM users;"))).isEmpty();
		assertThat(problems(page("SELECT erased FROM users;"))).singleElement().asString().contains("\"erased\"");
		assertThat(problems(page("SELECT id FROM users;"))).isEmpty();
	}

	private List<String> problems(Page page) {
		List<Page.Block> blocks = page.blocks("sql").stream().filter((block) -> block.notRunnable().isEmpty()).toList();
		String withoutColumns = problem(blocks, false);
		String withColumns = withoutColumns.isEmpty() ? "" : problem(blocks, true);
		return withColumns.isEmpty() ? List.of()
				: List.of("without columns: %s; with columns: %s".formatted(withoutColumns, withColumns));
	}

	private String problem(List<Page.Block> blocks, boolean columns) {
		try (Connection connection = this.database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			if (columns) {
				statement.execute(Files.readString(PRELUDE.resolve("columns.sql")));
			}
			for (Page.Block block : blocks) {
				try {
					statement.execute(block.text());
				}
				catch (SQLException ex) {
					return block.place() + ": " + ex.getMessage();
				}
			}
			connection.rollback();
			return "";
		}
		catch (IOException | SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Page page(String sql) {
		return new Page(Path.of("page.md"), "```sql\n" + sql + "\n```\n");
	}

}
