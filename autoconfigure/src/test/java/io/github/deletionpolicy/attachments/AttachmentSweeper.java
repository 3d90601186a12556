package io.github.deletionpolicy.attachments;

import java.io.IOException;
import java.util.List;
import java.util.UUID;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Removes the files of purged rows, then their entries in the outbox.
 */
@Component
class AttachmentSweeper {

	private static final Log logger = LogFactory.getLog(AttachmentSweeper.class);

	private final JdbcTemplate jdbc;

	private final TransactionOperations transactions;

	private final AttachmentFiles files;

	AttachmentSweeper(JdbcTemplate jdbc, TransactionOperations transactions, AttachmentFiles files) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.files = files;
	}

	@Scheduled(fixedDelayString = "${attachments.sweep:10s}", initialDelayString = "${attachments.sweep:10s}")
	void sweep() {
		boolean more = true;
		while (more) {
			more = Boolean.TRUE.equals(this.transactions.execute((status) -> sweepSome()));
		}
	}

	private boolean sweepSome() {
		List<UUID> ids = this.jdbc.queryForList("""
				SELECT attachment_id FROM attachment_outbox WHERE next_try <= now()
				ORDER BY next_try LIMIT 100 FOR UPDATE SKIP LOCKED""", UUID.class);
		ids.forEach(this::sweep);
		return !ids.isEmpty();
	}

	private void sweep(UUID id) {
		try {
			if (!isThereAgain(id)) {
				this.files.delete(id);
			}
			this.jdbc.update("DELETE FROM attachment_outbox WHERE attachment_id = ?", id);
		}
		catch (IOException ex) {
			logger.warn("The file of attachment %s stays for now".formatted(id), ex);
			this.jdbc.update(
					"UPDATE attachment_outbox SET next_try = now() + interval '1 minute' WHERE attachment_id = ?", id);
		}
	}

	/**
	 * A row that was written again under its old key, from a backup for example, keeps
	 * its file.
	 */
	private boolean isThereAgain(UUID id) {
		return !this.jdbc.queryForList("SELECT 1 FROM attachments WHERE id = ? FOR SHARE", id).isEmpty();
	}

}
