package io.github.deletionpolicy.sample.web;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Lets a visitor say who they are.
 */
@Controller
class ActorController {

	@PostMapping("/actor")
	ResponseEntity<Void> choose(@RequestParam long id) {
		ResponseCookie cookie = ResponseCookie.from(CurrentActor.COOKIE, String.valueOf(id))
			.path("/")
			.httpOnly(true)
			.sameSite("Strict")
			.build();
		return ResponseEntity.status(HttpStatus.SEE_OTHER)
			.header(HttpHeaders.SET_COOKIE, cookie.toString())
			.header(HttpHeaders.LOCATION, "/")
			.build();
	}

}
