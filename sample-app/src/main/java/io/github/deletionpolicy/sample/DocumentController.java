package io.github.deletionpolicy.sample;

import java.util.UUID;

import io.github.deletionpolicy.DeletionResult;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Documents over HTTP.
 */
@RestController
@RequestMapping("/api/documents")
class DocumentController {

	private static final int LONGEST_TITLE = 200;

	private final UserDirectory directory;

	DocumentController(UserDirectory directory) {
		this.directory = directory;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Document add(@RequestBody NewDocument document) {
		String title = (document.title() != null) ? document.title().strip() : "";
		if (title.isEmpty() || title.length() > LONGEST_TITLE) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"A document needs a title of 1 to %d characters.".formatted(LONGEST_TITLE));
		}
		return this.directory.addDocument(document.userId(), title);
	}

	@DeleteMapping("/{id}")
	DeletionResult delete(@PathVariable UUID id) {
		return this.directory.deleteDocument(id);
	}

	@PostMapping("/{id}/restore")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void restore(@PathVariable UUID id) {
		this.directory.restoreDocument(id);
	}

	record NewDocument(long userId, @Nullable String title) {

	}

}
