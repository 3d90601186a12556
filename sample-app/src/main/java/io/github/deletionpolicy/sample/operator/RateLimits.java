package io.github.deletionpolicy.sample.operator;

import java.time.Duration;
import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads how many rows were purged per interval.
 */
@Component
class RateLimits {

	static final Duration INTERVAL = Duration.ofSeconds(5);

	static final int INTERVALS = 24;

	private final JdbcClient jdbc;

	RateLimits(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Return rows purged in each of the last intervals, the one that is under way last.
	 */
	List<Long> perInterval() {
		return this.jdbc.sql("""
				SELECT coalesce(sum(purged_rows), 0)
				FROM generate_series(:intervals - 1, 0, -1) AS ago
				CROSS JOIN (SELECT date_bin(make_interval(secs => :seconds), now(), 'epoch') AS start) AS current
				LEFT JOIN purge_log ON purged_at >= start - ago * make_interval(secs => :seconds)
				  AND purged_at < start - (ago - 1) * make_interval(secs => :seconds)
				GROUP BY ago
				ORDER BY ago DESC
				""").param("intervals", INTERVALS).param("seconds", INTERVAL.toSeconds()).query(Long.class).list();
	}

}
