package io.github.deletionpolicy.attachments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The object store, here a directory. A file has the key of its row as its name.
 */
@Component
class AttachmentFiles {

	private final Path directory;

	AttachmentFiles(@Value("${attachments.directory}") Path directory) {
		this.directory = directory;
	}

	/**
	 * Remove a file. That it is gone already is no error: a sweep may be repeated.
	 */
	void delete(UUID id) throws IOException {
		Files.deleteIfExists(file(id));
	}

	Path file(UUID id) {
		return this.directory.resolve(id.toString());
	}

}
