package io.github.deletionpolicy.sample.operator;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes down how many rows were purged, in the transaction that removes them: on any
 * number of nodes, each row counts once.
 */
@Component
class PurgeLog implements PurgeListener {

	private final JdbcClient jdbc;

	PurgeLog(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public void purged(PurgedRows rows) {
		this.jdbc.sql("INSERT INTO purge_log (table_name, purged_rows) VALUES (?, ?)")
			.params(rows.table(), rows.keys().size())
			.update();
		this.jdbc.sql("DELETE FROM purge_log WHERE purged_at < now() - interval '1 hour'").update();
	}

}
