package io.github.deletionpolicy.attachments;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Notes, in the purge's transaction, whose files are to be removed.
 */
@Component
class AttachmentOutbox implements PurgeListener {

	private final JdbcTemplate jdbc;

	AttachmentOutbox(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public void purged(PurgedRows rows) {
		if (rows.table().equals("public.attachments")) {
			this.jdbc.batchUpdate("INSERT INTO attachment_outbox (attachment_id) VALUES (?)",
					rows.keys().stream().map((key) -> new Object[] { key }).toList());
		}
	}

}
