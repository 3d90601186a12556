package io.github.deletionpolicy.sample;

import java.util.List;

import io.github.deletionpolicy.DeletionResult;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Users over HTTP.
 */
@RestController
@RequestMapping("/api/users")
class UserController {

	private final UserDirectory directory;

	UserController(UserDirectory directory) {
		this.directory = directory;
	}

	@GetMapping
	List<User> list() {
		return this.directory.users();
	}

	@DeleteMapping("/{id}")
	DeletionResult delete(@PathVariable long id) {
		return this.directory.deleteUser(id);
	}

	@PostMapping("/{id}/restore")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void restore(@PathVariable long id) {
		this.directory.restoreUser(id);
	}

}
