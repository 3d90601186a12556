package io.github.deletionpolicy.operator;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

import io.github.deletionpolicy.sql.Instants;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Where a page of a table ended. Its text is opaque to callers.
 *
 * @param nextAttempt the last chunk's next attempt
 * @param operationId its operation
 * @param chunk its number
 */
record PageCursor(Instant nextAttempt, UUID operationId, long chunk) {

	/**
	 * The first time that the database can store, rounded up to a year.
	 */
	static final Instant FIRST = Instant.parse("-4712-01-01T00:00:00Z");

	/**
	 * The last one, rounded down.
	 */
	static final Instant LAST = Instant.parse("+294276-01-01T00:00:00Z");

	static final PageCursor START = new PageCursor(FIRST, new UUID(0, 0), 0);

	static PageCursor parse(String text) {
		try {
			String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8).split("/", -1);
			if (parts.length != 3) {
				throw new IllegalArgumentException("not three parts");
			}
			Instant nextAttempt = Instant.parse(parts[0]);
			if (nextAttempt.isBefore(FIRST) || nextAttempt.isAfter(LAST)) {
				throw new IllegalArgumentException("beyond the database's times");
			}
			return new PageCursor(nextAttempt, UUID.fromString(parts[1]), Long.parseLong(parts[2]));
		}
		catch (IllegalArgumentException | DateTimeException ex) {
			throw unknown(text, ex);
		}
	}

	static PageCursor from(ResultSet rs) throws SQLException {
		return new PageCursor(Instants.get(rs, "next_attempt"), rs.getObject("operation_id", UUID.class),
				rs.getLong("id"));
	}

	static InvalidDataAccessApiUsageException unknown(String text, RuntimeException cause) {
		return new InvalidDataAccessApiUsageException(
				"'%s' is not a cursor. Pass the 'next' of the previous page, or nothing for the first page."
					.formatted(text),
				cause);
	}

	static void requireLimit(String page, int limit, int most) {
		if (limit < 1 || limit > most) {
			throw new InvalidDataAccessApiUsageException(
					"The limit of %s is %d. Write 1 to %d.".formatted(page, limit, most));
		}
	}

	@Override
	public String toString() {
		String text = this.nextAttempt + "/" + this.operationId + "/" + this.chunk;
		return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

}
