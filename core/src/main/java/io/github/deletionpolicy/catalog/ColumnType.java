package io.github.deletionpolicy.catalog;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.sql.Instants;
import org.jspecify.annotations.Nullable;

/**
 * Type of a column, and what Java values it takes.
 *
 * @param sql the type for use in a cast, without length or precision (a cast to
 * {@code varchar(5)} would cut a longer value down to one that matches)
 * @param base the catalog's name of the type that a domain rests on, such as {@code int8}
 * @param enumeration whether it is an enumeration itself; a domain on one has no operator
 * to compare it with
 * @param fullPrecision whether it has no precision of its own
 */
public record ColumnType(String sql, String base, boolean enumeration, boolean fullPrecision) {

	/**
	 * The types whose values can be recorded, for messages.
	 */
	public static final String RECORDABLE = "integers, uuid, text, numeric, boolean, date or timestamps";

	private static final Map<String, Integer> INTEGER_BITS = Map.of("int2", Short.SIZE, "int4", Integer.SIZE, "int8",
			Long.SIZE);

	private static final Set<String> TEXTS = Set.of("text", "varchar", "bpchar", "citext", "name");

	private static final Set<String> OTHER_KEYS = Set.of("numeric", "timestamptz", "timestamp", "date", "bool", "uuid");

	private static final int FIRST_YEAR = -4711;

	private static final int LAST_YEAR_OF_DATES = 5_874_896;

	private static final int LAST_YEAR_OF_TIMESTAMPS = 294_275;

	/**
	 * What {@code numeric} holds before the decimal point, and behind it.
	 */
	private static final int DIGITS = 131_072;

	private static final int DECIMALS = 16_383;

	public boolean isInteger() {
		return INTEGER_BITS.containsKey(this.base);
	}

	public boolean isText() {
		return TEXTS.contains(this.base);
	}

	public boolean isBoolean() {
		return "bool".equals(this.base);
	}

	public boolean isUuid() {
		return "uuid".equals(this.base);
	}

	/**
	 * Return whether it can carry a deletion time: {@code timestamptz} in microseconds.
	 */
	public boolean isDeletionTime() {
		return "timestamptz".equals(this.base) && this.fullPrecision;
	}

	/**
	 * Return whether values can be recorded in the ledger and compared later by another
	 * session.
	 */
	public boolean isRecordable() {
		return isInteger() || isText() || this.enumeration || OTHER_KEYS.contains(this.base);
	}

	/**
	 * Return the cast of a parameter that holds the text of a value.
	 */
	public String castFromText() {
		return "CAST(CAST(? AS text) AS " + this.sql + ")";
	}

	/**
	 * Read a value as a {@code PurgeListener} gets it.
	 */
	public @Nullable Object read(ResultSet rs, String column) throws SQLException {
		return switch (this.base) {
			case "timestamptz" -> Instants.find(rs, column);
			case "timestamp" -> rs.getObject(column, LocalDateTime.class);
			case "date" -> rs.getObject(column, LocalDate.class);
			default -> isText() ? rs.getString(column) : rs.getObject(column);
		};
	}

	/**
	 * Spell a value so that the database reads exactly it.
	 * @return its text; {@code null} if this type cannot hold the value
	 */
	public @Nullable String textOf(Object value) {
		if (isInteger()) {
			return integerText(value);
		}
		if (isText()) {
			return (value instanceof CharSequence || value instanceof Character) ? plainText(value.toString()) : null;
		}
		if (this.enumeration) {
			return (value instanceof Enum<?> constant) ? constant.name()
					: (value instanceof String text) ? plainText(text) : null;
		}
		return switch (this.base) {
			case "uuid" -> (value instanceof UUID) ? value.toString() : null;
			case "bool" -> (value instanceof Boolean) ? value.toString() : null;
			case "numeric" -> (value instanceof Number number) ? decimalText(number) : null;
			case "float4", "float8" ->
				(value instanceof Number number && isInRange(number)) ? decimalText(number) : null;
			case "timestamptz" -> instantText(value);
			case "timestamp" -> (value instanceof LocalDateTime time) ? timestampText(time)
					: (value instanceof Timestamp time) ? timestampText(time.toLocalDateTime()) : null;
			case "date" -> (value instanceof LocalDate date) ? dateText(date)
					: (value instanceof Date date) ? dateText(date.toLocalDate()) : null;
			case "bytea" -> (value instanceof byte[] bytes) ? "\\x" + HexFormat.of().formatHex(bytes) : null;
			default -> (value instanceof String text) ? plainText(text) : null;
		};
	}

	private @Nullable String integerText(Object value) {
		BigInteger number = (value instanceof BigInteger big) ? big
				: (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte)
						? BigInteger.valueOf(((Number) value).longValue()) : null;
		return (number != null && number.bitLength() < INTEGER_BITS.getOrDefault(this.base, 0)) ? number.toString()
				: null;
	}

	/**
	 * A number of a few characters can have a billion digits when it is written out.
	 */
	private static @Nullable String decimalText(Number number) {
		BigDecimal decimal = (number instanceof BigDecimal it) ? it
				: (number instanceof BigInteger it) ? new BigDecimal(it) : null;
		if (decimal == null) {
			return number.toString();
		}
		boolean fits = decimal.scale() <= DECIMALS && (long) decimal.precision() - decimal.scale() <= DIGITS;
		return fits ? decimal.toPlainString() : null;
	}

	/**
	 * The database refuses what is too large for the type, and what would become zero.
	 */
	private boolean isInRange(Number number) {
		double wide = number.doubleValue();
		boolean special = number instanceof Double || number instanceof Float;
		if (special && (wide == 0 || !Double.isFinite(wide))) {
			return true;
		}
		double stored = "float4".equals(this.base) ? (float) wide : wide;
		boolean zero = number instanceof BigDecimal decimal ? decimal.signum() == 0 : wide == 0;
		return Double.isFinite(stored) && (stored != 0 || zero);
	}

	/**
	 * Cut to microseconds: the database would round, and a rounded instant can be later
	 * than the one that was meant.
	 */
	private static @Nullable String instantText(Object value) {
		Instant instant = (value instanceof Instant it) ? it
				: (value instanceof OffsetDateTime it) ? it.toInstant() : (value instanceof ZonedDateTime it)
						? it.toInstant() : (value instanceof Timestamp it) ? it.toInstant() : null;
		if (instant == null) {
			return null;
		}
		boolean end = instant.equals(OffsetDateTime.MAX.toInstant());
		if (end || instant.equals(OffsetDateTime.MIN.toInstant())) {
			return infinity(end);
		}
		boolean local = !instant.isBefore(LocalDateTime.MIN.toInstant(ZoneOffset.UTC))
				&& !instant.isAfter(LocalDateTime.MAX.toInstant(ZoneOffset.UTC));
		return local ? timestampText(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), "+00") : null;
	}

	/**
	 * The database's text has no zero character, and its error would end the caller's
	 * transaction. Half a character would reach it as another one.
	 */
	private static @Nullable String plainText(String text) {
		return (text.indexOf('\0') < 0 && !SqlIdentifiers.hasHalfCharacter(text)) ? text : null;
	}

	/**
	 * The driver reads and writes infinity as the first and last of Java's times.
	 */
	private static String infinity(boolean positive) {
		return positive ? "infinity" : "-infinity";
	}

	private static @Nullable String timestampText(LocalDateTime time) {
		boolean end = time.equals(LocalDateTime.MAX);
		return (end || time.equals(LocalDateTime.MIN)) ? infinity(end) : timestampText(time, "");
	}

	private static @Nullable String dateText(LocalDate date) {
		boolean end = date.equals(LocalDate.MAX);
		return (end || date.equals(LocalDate.MIN)) ? infinity(end) : dateText(date, "", LAST_YEAR_OF_DATES);
	}

	private static @Nullable String timestampText(LocalDateTime time, String offset) {
		return dateText(time.toLocalDate(), " " + time.toLocalTime().truncatedTo(ChronoUnit.MICROS) + offset,
				LAST_YEAR_OF_TIMESTAMPS);
	}

	/**
	 * Java writes years above 9999 with a sign and those before Christ as negative ones;
	 * the database reads neither.
	 */
	private static @Nullable String dateText(LocalDate date, String time, int lastYear) {
		int year = date.getYear();
		if (year < FIRST_YEAR || year > lastYear) {
			return null;
		}
		boolean beforeChrist = year < 1;
		return String.format(Locale.ROOT, "%04d-%02d-%02d", beforeChrist ? 1 - year : year, date.getMonthValue(),
				date.getDayOfMonth()) + time + (beforeChrist ? " BC" : "");
	}

}
