package io.github.deletionpolicy.history;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.github.deletionpolicy.history.Histories.Finding;
import io.github.deletionpolicy.history.Log.Incident;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What happens to a whole server in the middle of a history. Each has its own server.
 */
enum ServerFailure {

	/** The server is killed, and recovers. */
	SERVER_KILLED {

		@Override
		@Nullable Finding run(long first, int count, Consumer<HistoryRunner.Result> counting) {
			try (Server server = Server.start(true);
					HistoryRunner runner = new HistoryRunner(server.database(), "history")) {
				return run(first, count, counting, runner, (log) -> {
					server.kill();
					log.happened(Incident.SERVER_KILLED);
				});
			}
		}

	},

	/** The tables are on a disk that is full for a while. */
	DISK_FULL {

		@Override
		@Nullable Finding run(long first, int count, Consumer<HistoryRunner.Result> counting) throws Exception {
			Path disk = Files.createTempDirectory("small-disk");
			execute("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "small-disk", disk.toString());
			try (Server server = Server.start(true);
					HistoryRunner runner = new HistoryRunner(server.database(), "history")) {
				JdbcTemplate jdbc = runner.keeper();
				jdbc.execute("CREATE TABLESPACE small_disk LOCATION '%s'"
					.formatted(Files.createDirectory(disk.resolve("data"))));
				jdbc.execute("CREATE TABLE filler (text text STORAGE PLAIN) TABLESPACE small_disk");
				for (String table : (Relation.tables() + ", deletion_operation, deletion_chunk, heard").split(", ")) {
					jdbc.execute("ALTER TABLE %1$s SET (fillfactor = 10); ALTER TABLE %1$s SET TABLESPACE small_disk"
						.formatted(table));
				}
				return run(first, count, counting, runner, (log) -> fill(jdbc, log));
			}
			finally {
				execute("umount", "-l", disk.toString());
			}
		}

	};

	private static final int LONGEST = 150;

	private static final long WHILE = TimeUnit.MILLISECONDS.toNanos(250);

	/**
	 * Run histories during which it happens.
	 * @param first the first seed
	 * @param count how many
	 * @param counting is given how each went
	 * @return the first that went wrong; {@code null} if none did
	 */
	abstract @Nullable Finding run(long first, int count, Consumer<HistoryRunner.Result> counting) throws Exception;

	@Nullable Finding run(long first, int count, Consumer<HistoryRunner.Result> counting, HistoryRunner runner,
			Consumer<Log> blow) {
		for (long seed = first; seed < first + count; seed++) {
			History history = History.of(seed);
			long delay = TimeUnit.MILLISECONDS.toNanos(new SplittableRandom(seed).nextInt(20, LONGEST));
			HistoryRunner.Result result = runner.run(history, (log) -> {
				LockSupport.parkNanos(delay);
				try {
					blow.accept(log);
				}
				catch (RuntimeException ex) {
					log.unexpected(this + " did not happen", ex);
				}
			});
			counting.accept(result);
			if (!result.violations().isEmpty()) {
				return new Finding(history, result.violations(), result.log());
			}
		}
		return null;
	}

	/**
	 * Return why it cannot happen here; {@code null} if it can.
	 */
	@Nullable String obstacle() {
		if (this != DISK_FULL) {
			return null;
		}
		try {
			Path disk = Files.createTempDirectory("small-disk");
			execute("mount", "-t", "tmpfs", "-o", "size=1m", "small-disk", disk.toString());
			execute("umount", disk.toString());
			return null;
		}
		catch (IOException | InterruptedException | IllegalStateException ex) {
			return "a small disk needs the right to mount one: " + ex.getMessage();
		}
	}

	private static void fill(JdbcTemplate jdbc, Log log) {
		for (int rows = 64; rows > 0; rows /= 4) {
			boolean full = false;
			while (!full) {
				try {
					jdbc.execute(
							"INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, %d)".formatted(rows));
				}
				catch (DataAccessException ex) {
					if (!Client.stateOf(ex).equals("53100")) {
						throw ex;
					}
					full = true;
				}
			}
		}
		log.happened(Incident.DISK_FULL);
		LockSupport.parkNanos(WHILE);
		jdbc.execute("TRUNCATE filler");
	}

	private static void execute(String... command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IllegalStateException(output.strip());
		}
	}

}
