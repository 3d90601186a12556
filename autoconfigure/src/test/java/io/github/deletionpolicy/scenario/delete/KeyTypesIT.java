package io.github.deletionpolicy.scenario.delete;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each type a primary key may have goes through the ledger and comes out the same,
 * although the sessions that delete and those that purge write dates and times in
 * different ways.
 */
class KeyTypesIT {

	private static final int MANY = 2500;

	private static final int RESTORED = 7;

	private static final int REFUSING = 1700;

	private static final Duration DAY = Duration.ofDays(1);

	private static final List<PurgedRows> told = new ArrayList<>();

	private static final TestDatabase database = TestDatabase.create("""
			CREATE TYPE mood AS ENUM ('happy', 'it''s "so-so"', 'SAD');
			CREATE DOMAIN account AS bigint CHECK (VALUE > 0);
			CREATE DOMAIN ticket AS uuid;
			CREATE DOMAIN word AS varchar(40);
			CREATE DOMAIN login AS word CHECK (VALUE <> 'root');
			CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				IF OLD.n = %d THEN RAISE 'row % stays', OLD.n; END IF;
				RETURN OLD;
			END $$""".replace("%d", String.valueOf(REFUSING)));

	@RegisterExtension
	private static final Application deleter = node(
			"SET TIME ZONE 'America/St_Johns'; SET DateStyle = 'ISO, DMY'; SET IntervalStyle = iso_8601");

	@RegisterExtension
	private static final Application purger = node("SET TIME ZONE 'Asia/Kathmandu'; SET DateStyle = 'ISO, YMD'");

	private static Application node(String session) {
		return Application.of(database, "spring.datasource.hikari.connection-init-sql=" + session).with(Listener.class);
	}

	@BeforeEach
	void forget() {
		told.clear();
	}

	static Stream<KeyType> manyKeys() {
		return Stream.of(
				KeyType.of("bigint", (n) -> (n == 1) ? Long.MIN_VALUE : (n == 2) ? Long.MAX_VALUE : Long.valueOf(-n)),
				KeyType.of("integer", (n) -> (n == 1) ? Integer.MIN_VALUE : n),
				KeyType.of("smallint", (n) -> (n == 1) ? Short.MIN_VALUE : n),
				KeyType.of("uuid", (n) -> new UUID(-n, n)), KeyType.of("text", KeyTypesIT::text),
				KeyType.of("varchar(60)", KeyTypesIT::text), KeyType.of("text COLLATE \"C\"", KeyTypesIT::text),
				KeyType.of("char(8)", "%08d"::formatted), KeyType.of("name", "n'%d\""::formatted),
				KeyType.of("numeric", KeyTypesIT::numeric),
				KeyType.of("numeric(12, 3)", (n) -> BigDecimal.valueOf(n * 100L, 3)),
				KeyType.of("timestamptz", KeyTypesIT::instant), KeyType.of("timestamp", KeyTypesIT::localDateTime),
				KeyType.of("date", KeyTypesIT::localDate), KeyType.of("account", Long::valueOf),
				KeyType.of("ticket", (n) -> new UUID(n, -n)), KeyType.of("login", "o'%d"::formatted),
				KeyType.composite("PRIMARY KEY (born, \"Who \"\"is\"\"\", at, sure, id, feels)", "feels", "mood", "at",
						"timestamptz", "born", "date", "sure", "boolean", "Who \"is\"", "text", "id", "ticket"),
				KeyType.composite("PRIMARY KEY (b, a) INCLUDE (n)", "a", "integer", "b", "bigint"),
				KeyType.of("PRIMARY KEY (id) INCLUDE (n)", "integer", (n) -> n));
	}

	static Stream<KeyType> fewKeys() {
		return Stream.of(KeyType.of("boolean", (n) -> n == 1),
				KeyType.of("mood", List.of("", "happy", "it's \"so-so\"", "SAD")::get));
	}

	@ParameterizedTest
	@MethodSource("manyKeys")
	void keysGoThroughTheLedgerAndComeOutTheSame(KeyType type) {
		String table = type.create(MANY);
		assertThat(deleter.deletes().from(table).byId(type.key(1)).scheduled(DAY).execute().rows()).isOne();
		assertThat(deleter.deletes().from(table).byIds(type.keys(2, 5)).scheduled(DAY).execute().rows()).isEqualTo(4);
		assertThat(deleted(table)).containsExactly(1, 2, 3, 4, 5);
		UUID operation = deleter.deletes().from(table).all().scheduled(DAY).execute().operationId();
		assertThat(chunks(table)).isEqualTo(2 + (MANY - 5 + 999) / 1000);
		for (int n : List.of(1, 5, 6, MANY)) {
			assertThat(purger.pending().forRow(table, type.key(n))).as("row %d", n)
				.get()
				.extracting(PendingPurge::state)
				.isEqualTo(State.PENDING);
		}

		assertThat(purger.deletes().restoreFrom(table).byId(type.key(RESTORED)).execute().rows()).isOne();
		assertThat(deleted(table)).hasSize(MANY - 1).doesNotContain(RESTORED);
		assertThat(purger.pending().forRow(table, type.key(RESTORED))).isEmpty();

		purger.jdbc()
			.sql("CREATE TRIGGER refuse BEFORE DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse()".formatted(table))
			.update();
		PurgeReport report = purger.purges().runDueAsOf(purger.now().plus(DAY));
		assertThat(report.total()).isEqualTo(MANY - 2);
		assertThat(report.failed()).isOne();
		assertThat(rows(table)).containsExactly(RESTORED, REFUSING);
		assertThat(keysTold(table)).containsExactlyInAnyOrderElementsOf(type.keys(1, MANY)
			.stream()
			.filter((key) -> !List.of(type.key(RESTORED), type.key(REFUSING)).contains(key))
			.toList());
		assertThat(purger.pending().forRow(table, type.key(REFUSING))).get().satisfies((waiting) -> {
			assertThat(waiting.operationId()).isEqualTo(operation);
			assertThat(waiting.state()).isEqualTo(State.FAILED);
			assertThat(waiting.rows()).isOne();
			assertThat(waiting.lastError()).contains("row " + REFUSING + " stays");
		});

		purger.jdbc().sql("DROP TRIGGER refuse ON " + table).update();
		purger.pending().retry(operation);
		told.clear();
		assertThat(purger.purgeAfter(DAY)).isOne();
		assertThat(keysTold(table)).containsExactly(type.key(REFUSING));
		assertThat(rows(table)).containsExactly(RESTORED);
		assertThat(deleted(table)).isEmpty();
		assertThat(chunks(table)).isZero();
	}

	@ParameterizedTest
	@MethodSource("fewKeys")
	void keysOfATypeWithFewValuesDoTheSame(KeyType type) {
		String table = type.create(2);
		assertThat(deleter.deletes().from(table).byId(type.key(1)).scheduled(DAY).execute().rows()).isOne();
		assertThat(deleter.deletes().from(table).byIds(type.keys(1, 2)).scheduled(DAY).execute().rows()).isOne();
		assertThat(purger.pending().forRow(table, type.key(2))).isPresent();
		assertThat(purger.deletes().restoreFrom(table).byId(type.key(1)).execute().rows()).isOne();
		assertThat(purger.purgeAfter(DAY)).isOne();
		assertThat(keysTold(table)).containsExactly(type.key(2));
		assertThat(rows(table)).containsExactly(1);
	}

	@ParameterizedTest
	@CsvSource({ "bytea, 1", "float4, 1.5", "float8, 1.5", "jsonb, 1", "interval, 1 day", "time, 12:00",
			"timetz, 12:00", "inet, 10.0.0.1", "int4range, empty", "integer[], {}", "\"char\", x", "money, 1", "oid, 1",
			"bit(3), 101" })
	void aTypeThatCannotBeRecordedIsRefused(String type, String value) {
		String table = "refused_" + type.replaceAll("\\W", "");
		deleter.jdbc()
			.sql("CREATE TABLE %s (id %s PRIMARY KEY, n integer, deletion_time timestamptz)".formatted(table, type))
			.update();
		deleter.jdbc().sql("INSERT INTO %s VALUES ('%s', 1)".formatted(table, value)).update();
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> deleter.deletes().from(table).all().scheduled(DAY).execute())
			.withMessageContaining("Column id of the primary key of table public." + table)
			.withMessageContaining("Use .hard()");
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> deleter.deletes().from(table).all().soft().execute());
		assertThat(deleted(table)).isEmpty();
		assertThat(deleter.deletes().from(table).all().hard().execute().rows()).isOne();
	}

	private static List<Integer> rows(String table) {
		return purger.jdbc().sql("SELECT n FROM %s ORDER BY n".formatted(table)).query(Integer.class).list();
	}

	private static List<Integer> deleted(String table) {
		return purger.jdbc()
			.sql("SELECT n FROM %s WHERE deletion_time IS NOT NULL ORDER BY n".formatted(table))
			.query(Integer.class)
			.list();
	}

	private static long chunks(String table) {
		return purger.jdbc()
			.sql("SELECT count(*) FROM deletion_chunk c JOIN deletion_table l ON l.id = c.table_id WHERE l.table_name = ?")
			.param(table)
			.query(Long.class)
			.single();
	}

	private static List<Object> keysTold(String table) {
		assertThat(told).extracting(PurgedRows::table).containsOnly("public." + table);
		return told.stream().flatMap((rows) -> rows.keys().stream()).toList();
	}

	private static String text(int n) {
		return switch (n) {
			case 1 -> "";
			case 2 -> "NULL";
			case 3 -> "{\"a\\\\b\",NULL}";
			case 4 -> " tab\tline\nend ";
			case 5 -> "2024-12-31";
			default -> "%d it's \"q\" \\ \\\\u0041 %% , {} ß 日本 😀 e\u0301".formatted(n);
		};
	}

	private static BigDecimal numeric(int n) {
		return switch (n) {
			case 1 -> new BigDecimal(BigInteger.TEN.pow(300)).add(new BigDecimal("0.250"));
			case 2 -> new BigDecimal("-0." + "0".repeat(200) + "10");
			case 3 -> new BigDecimal("1E+40").setScale(0);
			case 4 -> new BigDecimal("0.000");
			default -> BigDecimal.valueOf(n * 1000L, 3);
		};
	}

	/**
	 * Half an hour apart, over changes of clocks; far off; and the driver's infinities.
	 */
	private static Instant instant(int n) {
		return switch (n) {
			case 1 -> Instant.parse("+12024-05-06T07:08:09.123456Z");
			case 2 -> Instant.parse("-0043-03-15T12:00:00Z");
			case 3 -> OffsetDateTime.MAX.toInstant();
			case 4 -> OffsetDateTime.MIN.toInstant();
			default -> Instant.parse("2024-10-26T00:00:00.000001Z").plus(Duration.ofMinutes(30L * n));
		};
	}

	private static LocalDateTime localDateTime(int n) {
		return switch (n) {
			case 3 -> LocalDateTime.MAX;
			case 4 -> LocalDateTime.MIN;
			default -> LocalDateTime.ofInstant(instant(n), ZoneOffset.UTC);
		};
	}

	private static LocalDate localDate(int n) {
		return switch (n) {
			case 1 -> LocalDate.of(12024, 5, 6);
			case 2 -> LocalDate.of(-43, 3, 15);
			case 3 -> LocalDate.MAX;
			case 4 -> LocalDate.MIN;
			default -> LocalDate.of(2020, 1, 1).plusDays(n);
		};
	}

	private static Object component(String type, int n) {
		return switch (type) {
			case "bigint" -> (long) n / 50;
			case "integer" -> n % 50;
			case "boolean" -> n % 2 == 0;
			case "mood" -> List.of("happy", "it's \"so-so\"", "SAD").get(n % 3);
			case "timestamptz" -> instant(n);
			case "date" -> localDate(n % 10);
			case "text" -> text(n);
			case "ticket" -> new UUID(n % 100, n % 3);
			default -> throw new IllegalArgumentException(type);
		};
	}

	/**
	 * A primary key and the Java values that it takes.
	 *
	 * @param constraint the constraint
	 * @param columns its columns, in the order of the table, and their types
	 * @param key the key of the row of this number
	 */
	private record KeyType(String constraint, Map<String, String> columns, IntFunction<Object> key) {

		static KeyType of(String type, IntFunction<Object> key) {
			return of("PRIMARY KEY (id)", type, key);
		}

		static KeyType of(String constraint, String type, IntFunction<Object> key) {
			return new KeyType(constraint, Map.of("id", type), key);
		}

		static KeyType composite(String constraint, String... columns) {
			Map<String, String> types = new LinkedHashMap<>();
			for (int i = 0; i < columns.length; i += 2) {
				types.put(columns[i], columns[i + 1]);
			}
			return new KeyType(constraint, types, (n) -> {
				Map<String, Object> key = new LinkedHashMap<>();
				types.forEach((column, type) -> key.put(column, component(type, n)));
				return key;
			});
		}

		Object key(int n) {
			return this.key.apply(n);
		}

		List<Object> keys(int from, int to) {
			return IntStream.rangeClosed(from, to).mapToObj(this::key).toList();
		}

		String create(int rows) {
			String table = "keys_" + Integer.toHexString(toString().hashCode());
			JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
			List<String> quoted = this.columns.keySet()
				.stream()
				.map((it) -> '"' + it.replace("\"", "\"\"") + '"')
				.toList();
			List<String> types = List.copyOf(this.columns.values());
			jdbc.execute("CREATE TABLE %s (n integer, %s, deletion_time timestamptz, %s)".formatted(table,
					IntStream.range(0, quoted.size())
						.mapToObj((i) -> quoted.get(i) + " " + types.get(i))
						.collect(Collectors.joining(", ")),
					this.constraint));
			jdbc.batchUpdate(
					"INSERT INTO %s (n, %s) VALUES (?, %s)".formatted(table, String.join(", ", quoted),
							types.stream()
								.map((type) -> "CAST(? AS %s)".formatted(type.replaceAll(" COLLATE.*", "")))
								.collect(Collectors.joining(", "))),
					IntStream.rangeClosed(1, rows).mapToObj(this::row).toList());
			return table;
		}

		private Object[] row(int n) {
			List<Object> values = new ArrayList<>(List.of(n));
			Object key = key(n);
			this.columns.keySet()
				.forEach((column) -> values.add(forDriver((key instanceof Map<?, ?> map) ? map.get(column) : key)));
			return values.toArray();
		}

		private static Object forDriver(Object value) {
			if (value.equals(OffsetDateTime.MAX.toInstant())) {
				return OffsetDateTime.MAX;
			}
			if (value.equals(OffsetDateTime.MIN.toInstant())) {
				return OffsetDateTime.MIN;
			}
			return (value instanceof Instant instant) ? OffsetDateTime.ofInstant(instant, ZoneOffset.UTC) : value;
		}

		@Override
		public String toString() {
			return this.columns.values() + " " + this.constraint;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listener {

		@Bean
		PurgeListener listener() {
			return told::add;
		}

	}

}
